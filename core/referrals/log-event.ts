/**
 * Each event as an entry of the audit log. It names the leaf of the event before it, so that of a referral none can be left out,
 * put in or moved; the export of a chain says which is the last (export-chain.ts).
 */
import type { Actor } from '../audit/actor.ts';
import { entryBytes, entryLeaf, type AuditEntry } from '../audit/entry.ts';
import { commit, type Opening } from '../audit/log/commitment.ts';
import type { Json } from '../audit/log/canonical.ts';
import type { Hash } from '../audit/log/tree.ts';
import type { Keyring } from '../platform/keyring.ts';
import { macOwned, type KeyHolder } from '../platform/owned.ts';
import type { EventWords, ReferralEvent } from './event.ts';

export type NamedEvent = ReferralEvent & { readonly id: string };

export interface LogContext {
  readonly keyring: Keyring;
  readonly referralId: string;
  /** The key of its words. */
  readonly wrapped: Buffer | null;
  readonly disputeId: string;
  readonly actor: Actor | null;
  readonly at: Date;
  /** The responsible organisation after each event. */
  readonly responsibleAfter: (event: ReferralEvent) => string | null;
}

export interface LoggedEvents {
  readonly entries: readonly AuditEntry[];
  readonly bytes: readonly Buffer[];
  /** Of the last event. */
  readonly leaf: Hash | null;
}

/** What opens the commitment to an event's words. */
export const wordsOpening = (keyring: Keyring, holder: KeyHolder, eventId: string, words: EventWords): Opening => ({
  salt: macOwned(keyring, 'audit.salt', holder, eventId, 'words').toString('base64'),
  value: words as Json,
});

const entryOf = (
  { keyring, referralId, wrapped, disputeId, actor, at, responsibleAfter }: LogContext,
  event: NamedEvent,
  previous: Hash | null,
): AuditEntry => ({
  kind: `referral.${event.type.toLowerCase()}`,
  subject: referralId,
  actor,
  at,
  body: {
    ...{ event: event.id, sequence: event.sequence, type: event.type, at: event.at, version: event.version },
    ...{ step: event.step, responsible: responsibleAfter(event), dispute: disputeId, what: event.body },
    previous: previous && previous.toString('base64'),
  },
  ...(event.words && {
    committed: { words: commit(wordsOpening(keyring, { owner: referralId, wrapped }, event.id, event.words)) },
  }),
  about: [disputeId],
});

/** `leaf`: of the event before the first of these; null when there is none. */
export function logEvents(context: LogContext, events: readonly NamedEvent[], leaf: Hash | null): LoggedEvents {
  const entries: AuditEntry[] = [];
  const bytes: Buffer[] = [];
  let last = leaf;
  for (const event of events) {
    const entry = entryOf(context, event, last);
    const written = entryBytes(entry);
    entries.push(entry);
    bytes.push(written);
    last = entryLeaf(written);
  }
  return { entries, bytes, leaf: last };
}
