/** Who is who when mentions come, change or go: by the exact rule during a first load, else by all there is. */
import type { Tx } from '../platform/db.ts';
import { assignPersons, type Assignable, type Assignment, type Move } from './assign-person.ts';
import { exactAround, readApart, readEach, type ExactAround } from './exact-around.ts';
import { keepReviews, reopen, toDecisions } from './identity-review.ts';
import type { MentionRow } from './index-row.ts';
import type { Joining } from './log-joining.ts';
import { toFields } from './match-evidence.ts';
import { decidedOf } from './matching/decision.ts';
import { resolve, type Matchable, type Resolution } from './matching/resolve.ts';
import { refuseErased } from './mention-key.ts';
import {
  distinct,
  lookAround,
  readReviews,
  type Neighbourhood,
  type Seed,
  type StoredReview,
} from './neighbourhood.ts';
import { isOtherwise, type PastMention } from './past-mention.ts';
import { compare, EXACT_RULE, hashText, joinExactly, type JoiningData } from './same-person.ts';
import { storeJoined, type JoinContext } from './store-joining.ts';

/** Held by whatever joins or parts: two departments read at once would otherwise found one person twice. */
export const JOIN_LOCK = 'people.join';

export interface MentionChanges {
  /** All mentions of new or changed records, or single ones that are added to a record. */
  readonly put: readonly MentionRow[];
  /** Records whose live mentions are gone unless they are in `put`: changed ones, and those the department no longer holds. */
  readonly replace: readonly string[];
}

export type Around =
  | ({ readonly kind: 'ALL'; readonly past: readonly PastMention[] } & Neighbourhood)
  | ({ readonly kind: 'EXACT' } & ExactAround);

/** What is looked for; an organisation is nobody's namesake. */
const seedsOf = (put: readonly MentionRow[]): (Seed & { readonly row: MentionRow })[] =>
  put.flatMap((row) =>
    row.traits === null
      ? []
      : [{ id: row.id, traits: row.traits, citizenIdHash: row.citizenIdHash, blocking: row.blocking, row }],
  );

/** Call under `tx.lock(JOIN_LOCK)`, before anything of the page is stored or after. */
export const lookAroundChanges = async (
  tx: Tx,
  { keyring, compareLater = false }: JoinContext,
  { put, replace }: MentionChanges,
): Promise<Around> =>
  compareLater
    ? { kind: 'EXACT', ...(await exactAround(tx, put, replace)) }
    : { kind: 'ALL', ...(await lookAround(tx, keyring, seedsOf(put), replace)) };

/** A put mention as it will be, with the past it has. */
const withPast = (id: string, past: PastMention | undefined, now: Date): Assignable => ({
  ...{ id, createdAt: past?.createdAt ?? now.getTime() },
  ...{ person: past?.person ?? null, revived: past?.gone ?? false },
});

/** Of whom a human has said something stays who it is, also when its record changes, until all are compared: the exact rule knows no decisions. */
const asDecided = (data: Assignable & JoiningData): Assignable & JoiningData => ({
  ...data,
  citizenId: null,
  settled:
    data.person === null || data.revived
      ? null
      : { personId: data.person.id, matchedBy: 'SINGLE', score: null, matchedWith: null },
});

/** Under the lock that `lookAroundChanges` was called under. */
export async function joinPeople(tx: Tx, context: JoinContext, changes: MentionChanges, around: Around): Promise<void> {
  await refuseErased(tx, changes.put);
  const { put } = changes;
  const pastOf = new Map(around.past.map((row) => [row.id, row]));
  const putIds = new Set(put.map(({ id }) => id));
  const vanished = around.past.filter(({ id, gone }) => !gone && !putIds.has(id)).map(({ id }) => id);
  const stays = ({ id }: { readonly id: string }): boolean => !pastOf.has(id) && !putIds.has(id);
  const isChanged = (row: MentionRow): boolean => {
    const past = pastOf.get(row.id);
    return past !== undefined && isOtherwise(past, row);
  };
  const changed = new Set(put.filter(isChanged).map(({ id }) => id));
  if (around.kind === 'ALL') {
    const present = seedsOf(put).map(({ id, traits }) => ({ ...withPast(id, pastOf.get(id), context.now), traits }));
    const reviews = await reopen(tx, around.reviews, changed);
    await joinAll(tx, context, { put, vanished, present }, { ...around, reviews, near: around.near.filter(stays) });
    return;
  }
  const people = put.filter(({ organisationId }) => organisationId === null);
  const known = people.flatMap(({ id }) => (pastOf.has(id) ? [id] : []));
  const reviews = known.length === 0 ? [] : await reopen(tx, await readReviews(tx, known), changed);
  const decided = new Set(toDecisions(reviews).flatMap(({ a, b }) => [a, b]));
  const present = people.map((row) => {
    const data = { ...withPast(row.id, pastOf.get(row.id), context.now), ...toJoiningData(row) };
    return decided.has(row.id) ? asDecided(data) : data;
  });
  await joinByNumber(tx, context, { put, vanished, present }, around);
}

interface Changes<M> {
  readonly put: readonly MentionRow[];
  readonly vanished: readonly string[];
  /** Those of `put` that are people. */
  readonly present: readonly M[];
}

/** Nothing has come, changed or gone; it is only worked out anew. */
export const NO_CHANGES: Changes<Assignable & Matchable> = { put: [], vanished: [], present: [] };

/** A human's act, for which it is worked out anew who is who. */
export interface DecidingAct {
  /** The review that says it. */
  readonly reviewId: string;
  /** Mentions that leave their person: those who stay keep its id. */
  readonly leaving: ReadonlySet<string>;
}

/** Works out anew who is who among all that hang together, and what is to be asked of a human. */
export async function joinAll(
  tx: Tx,
  context: JoinContext,
  { put, vanished, present }: Changes<Assignable & Matchable>,
  { matcher, comparer, reviews, near }: Pick<Neighbourhood, 'matcher' | 'comparer' | 'reviews' | 'near'>,
  act?: DecidingAct,
): Promise<void> {
  const { weights } = matcher;
  const all = [...present, ...near.map((row) => ({ ...row, revived: act?.leaving.has(row.id) ?? false }))];
  const decisions = toDecisions(reviews);
  const resolution = resolve(all, comparer.among(all, { decided: decidedOf(decisions) }), decisions, weights);
  const assignment = assignPersons(all, resolution);
  const nameOf = new Map(all.map(({ id, traits }) => [id, traits.name]));
  const decidedBy = ({ rule, mentionId }: Move, other: string | null): string => {
    if (rule === 'CITIZEN_ID') return EXACT_RULE;
    const isBetween = ({ a, b }: StoredReview): boolean => [a, b].includes(mentionId) && [a, b].includes(other ?? '');
    const said = rule === 'HUMAN' ? reviews.find(isBetween)?.id : rule === 'PARTED' ? act?.reviewId : undefined;
    return said === undefined ? `score:${weights.version}` : `review:${said}`;
  };
  const toJoining = (move: Move): Joining => {
    const reason = move.rule === 'PARTED' ? undefined : resolution.reasons.get(move.mentionId);
    const found = reason?.evidence;
    const name = found ? nameOf.get(found.a) : undefined;
    return {
      ...move,
      evidence: {
        with: reason?.with ?? null,
        ...(typeof reason?.score === 'number' ? { score: reason.score } : {}),
        fields: found && name ? toFields(found.comparison, name, weights) : [],
      },
      decidedBy: decidedBy(move, reason?.with ?? null),
    };
  };
  await storeJoined(tx, context, {
    ...{ put, vanished, assignment, toJoining, waiting: [] },
    others: near.map((row) => ({ ...row, personId: row.person.id })),
    besides: () =>
      keepReviews(tx, context.now, {
        ...{ parts: assignment.parts, stored: reviews, wanted: resolution.reviews, weights },
      }),
  });
}

const toJoiningData = ({ id, citizenIdHash, nameHash, birthHash, sex }: MentionRow): JoiningData => ({
  ...{ id, sex, citizenId: hashText(citizenIdHash), name: nameHash.toString('latin1'), birthDate: hashText(birthHash) },
  settled: null,
});

/** By the exact rule only; all whom it looked at are compared later. */
async function joinByNumber(
  tx: Tx,
  context: JoinContext,
  { put, vanished, present }: Changes<Assignable & JoiningData>,
  around: ExactAround,
): Promise<void> {
  let { near } = around;
  let { assignment, resolution } = assignByNumber(present, near);
  // Each mention of whoever is joined into another goes along, with its evidence.
  const leaving = new Set(assignment.merged.map(({ from }) => from));
  if (leaving.size > 0) {
    const gone = new Set([...put, ...around.past].map(({ id }) => id));
    const each = (await readEach(tx, [...leaving])).filter(({ id }) => !gone.has(id));
    near = [...near.filter(({ person }) => person === null || !leaving.has(person.id)), ...each];
    const apart = await readApart(tx, distinct(assignment.merged.flatMap(({ from, into }) => [from, into])));
    ({ assignment, resolution } = assignByNumber(present, near, apart));
  }
  const dataOf = new Map([...present, ...near].map((data) => [data.id, data]));
  const toJoining = (move: Move): Joining => {
    const other = move.rule === 'PARTED' ? undefined : resolution.reasons.get(move.mentionId)?.with;
    const [own, others] = [dataOf.get(move.mentionId), other === undefined ? undefined : dataOf.get(other)];
    return {
      ...move,
      evidence: { with: other ?? null, fields: own && others ? compare(own, others) : [] },
      decidedBy: EXACT_RULE,
    };
  };
  await storeJoined(tx, context, {
    ...{ put, vanished, assignment, toJoining },
    // Who stands for several is one of many already.
    others: near.filter(({ count }) => count === 1).map(({ settled, ...row }) => ({ ...row, ...settled })),
    waiting: [
      ...around.past.flatMap(({ person }) => (person === null ? [] : [{ personId: person.id, bornHash: null }])),
      ...put.flatMap(({ id, bornHash }) => {
        const personId = assignment.members.get(id)?.personId;
        return personId === undefined ? [] : [{ personId, bornHash }];
      }),
    ],
  });
}

function assignByNumber(
  present: readonly (Assignable & JoiningData)[],
  near: ExactAround['near'],
  apart: Awaited<ReturnType<typeof readApart>> = [],
): { assignment: Assignment<Assignable>; resolution: Pick<Resolution, 'parts' | 'reasons'> } {
  const all = [...present, ...near];
  const resolution = joinExactly(all, apart);
  return { assignment: assignPersons(all, resolution), resolution };
}
