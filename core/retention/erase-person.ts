/** Erasure on request: after what the law keeps, and written down. */
import type { Actor } from '../audit/actor.ts';
import { audit } from '../audit/audit.ts';
import type { Rules } from '../calendar/load-rules.ts';
import { eraseMentions, findErasable } from '../people/erase-person.ts';
import { JOIN_LOCK } from '../people/join-people.ts';
import type { Tx } from '../platform/db.ts';
import { AppError } from '../platform/errors.ts';
import { newId } from '../platform/id.ts';
import { forgetMatters, holdMattersOf } from './closed-words.ts';
import { findHolds, tellHold, type Hold } from './erasure-hold.ts';

export interface ErasureContext {
  readonly rules: Rules;
  /** Of business: by it what is kept runs out. */
  readonly now: Date;
  /** Of the wall: when it was written down. */
  readonly at: Date;
  /** Null: the operator of the machine. */
  readonly actor: Actor | null;
}

export interface ErasureRequest {
  readonly personId: string;
  /** Of the request: goes to the auditors, so nobody's data stand in it. */
  readonly reason: string;
  readonly dryRun: boolean;
}

export interface Erasure {
  readonly personId: string;
  readonly persons: number;
  readonly mentions: number;
  /** What stands against it; of a dry run only, otherwise it is refused. */
  readonly holds: readonly Hold[];
  readonly erased: boolean;
}

/**
 * Destroys the keys of everything that records say of this person, and of the person; what a backup holds of them is closed with
 * the next file of keys. Done again, it finds nothing left. Throws NOT_FOUND, and CONFLICT with `holds` in its details.
 */
export async function erasePerson(tx: Tx, context: ErasureContext, request: ErasureRequest): Promise<Erasure> {
  const { rules, now, at, actor } = context;
  const reason = request.reason.trim();
  if (reason === '')
    throw new AppError('BAD_USER_INPUT', 'Say why: who asked for it, and when.', { details: { field: 'reason' } });
  // Nobody may be joined to them, nor read in, in between.
  await tx.lock(JOIN_LOCK);
  const person = await findErasable(tx, request.personId);
  // Before it is asked what stands against it: who opens one of them again at this moment is waited for, and seen.
  const matters = request.dryRun ? null : await holdMattersOf(tx, person.personIds);
  const holds = await findHolds(tx, rules, person.personIds, now);
  const found = { personId: person.id, persons: person.personIds.length, mentions: person.mentionIds.length, holds };
  if (matters === null) return { ...found, erased: false };
  if (holds.length > 0)
    throw new AppError('CONFLICT', `This person is not erased: ${holds.map(tellHold).join('; ')}.`, {
      details: { holds },
    });
  if (person.mentionIds.length === 0) return { ...found, erased: false };
  await forgetMatters(tx, matters, person.personIds);
  await eraseMentions(tx, person);
  await audit.append(tx, {
    // Whom it was is beside the log, where it can be found, and not in it, where it would stay.
    ...{ kind: 'person.erased', subject: newId('era', at), actor, at, about: person.personIds },
    body: { persons: found.persons, mentions: found.mentions, basis: '个人信息保护法 47', reason },
  });
  return { ...found, erased: true };
}
