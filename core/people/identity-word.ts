/**
 * What humans say of who is who: that two mentions are one person, or two. It is evidence like any other, but binds: no score overrules
 * it, only a later word. `decide-review.ts` and `split-person.ts` say it.
 */
import { readDataKeys } from '../platform/data-keys.ts';
import type { Tx } from '../platform/db.ts';
import { badInput } from '../platform/errors.ts';
import { newId } from '../platform/id.ts';
import type { Keyring } from '../platform/keyring.ts';
import { openOwned, sealOwned, type KeyHolder } from '../platform/owned.ts';
import { pairOf, toDecisions } from './identity-review.ts';
import { joinAll, NO_CHANGES } from './join-people.ts';
import { loadMatcher, type Matcher } from './matcher.ts';
import { toFields } from './match-evidence.ts';
import { settle } from './matching/decision.ts';
import { createComparer } from './matching/evidence.ts';
import { weighPair, type Evidence } from './matching/resolve.ts';
import { createReader, distinct, type StoredMention, type StoredReview } from './neighbourhood.ts';

/** Who decides; kept with the decision. */
export interface Decider {
  readonly organisationId: string;
  readonly subject: string;
  readonly name: string | null;
  readonly role: string;
}

export interface Deciding {
  readonly keyring: Keyring;
  readonly now: Date;
  readonly by: Decider;
  /** The decider's words; sealed. */
  readonly reason: string;
}

/** What of a decision goes into the audit log. */
export interface Decided {
  /** Id of the review that says it. */
  readonly reviewId: string;
  /** False where the same had been decided before: then nothing is new. */
  readonly isNew: boolean;
  /** Earlier decisions, by their reviews, that this one ends because they cannot hold beside it. */
  readonly overruled: readonly string[];
  /** Persons whom it made one or two, by all their ids. */
  readonly about: readonly string[];
}

const MAX_REASON = 10_000;

export function requireReason(reason: string): string {
  const text = reason.trim();
  if (text === '') throw badInput('reason', 'Say in `reason` why; whoever looks at it later has nothing else.');
  if (text.length > MAX_REASON)
    throw badInput('reason', `\`reason\` must not be longer than ${MAX_REASON} characters.`);
  return text;
}

const reasonContext = (a: string, b: string): string => `review/${a}/${b}`;

/** The words of who decided; null once the first of the two is erased. */
export const openReason = (
  keyring: Keyring,
  { a, b, wrapped }: { readonly a: string; readonly b: string; readonly wrapped: KeyHolder['wrapped'] },
  cipher: Buffer,
): string | null => openOwned(keyring, 'index.cipher', { owner: a, wrapped }, cipher, reasonContext(a, b));

/** All that hang together with some persons, as it is stored. */
export interface Around {
  readonly matcher: Matcher;
  readonly near: readonly StoredMention[];
  readonly reviews: readonly StoredReview[];
}

export async function readAround(tx: Tx, keyring: Keyring, personIds: readonly string[]): Promise<Around> {
  const matcher = await loadMatcher(tx, keyring);
  const reader = createReader(tx, keyring, matcher);
  const near = await reader.hangingTogether(personIds);
  return { matcher, near, reviews: await reader.reviewsOf(near.map(({ id }) => id)) };
}

export interface Word {
  readonly id: string;
  readonly a: string;
  readonly b: string;
  readonly same: boolean;
  readonly splitId: string | null;
  /** It is shown: what was said, and of a split the pairs that stand for it. The others only follow from it. */
  readonly isShown: boolean;
  /** Of one that nobody asked about. */
  readonly evidence?: Evidence;
}

const DECIDE = `
insert into identity_review as r (id, a_mention_id, b_mention_id, evidence, score, version, proposed_at, status, decided_by, decided_at,
  reason_cipher, split_id, question_id)
select id, a, b, coalesce(evidence, '[]')::jsonb, score, $10, $8, status, $9, $8, reason, split_id, question_id
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::real[], $6::text[], $7::bytea[], $11::text[], $12::text[])
  as n(id, a, b, evidence, score, status, reason, split_id, question_id)
on conflict (a_mention_id, b_mention_id) do update set status = excluded.status, decided_by = excluded.decided_by,
  decided_at = excluded.decided_at, reason_cipher = excluded.reason_cipher, split_id = excluded.split_id, question_id = excluded.question_id,
  evidence = case when excluded.score is null then r.evidence else excluded.evidence end, score = coalesce(excluded.score, r.score),
  version = case when excluded.score is null then r.version else excluded.version end,
  accepted_before = case when r.status = 'ACCEPTED' and excluded.split_id is not null then jsonb_build_object('by', r.decided_by,
    'at', r.decided_at, 'reason', encode(r.reason_cipher, 'base64'), 'split', r.split_id) end`;

async function storeWords(
  tx: Tx,
  { keyring, now, by, reason }: Deciding,
  { matcher, near }: Around,
  words: readonly Word[],
): Promise<void> {
  const keys = await readDataKeys(tx, distinct(words.map(({ a, isShown }) => (isShown ? a : null))));
  const nameOf = new Map(near.map(({ id, traits }) => [id, traits.name]));
  const fieldsOf = ({ evidence }: Word): string | null => {
    const name = evidence && nameOf.get(evidence.a);
    return name ? JSON.stringify(toFields(evidence.comparison, name, matcher.weights)) : null;
  };
  // What only follows is about others than those of whom it was said.
  const seal = ({ a, b, isShown }: Word): Buffer | null =>
    isShown
      ? sealOwned(keyring, 'index.cipher', { owner: a, wrapped: keys.get(a) ?? null }, reason, reasonContext(a, b))
      : null;
  await tx.query(DECIDE, [
    words.map(({ id }) => id),
    words.map(({ a }) => a),
    words.map(({ b }) => b),
    words.map(fieldsOf),
    words.map(({ evidence }) => evidence?.score ?? null),
    words.map(({ same }) => (same ? 'ACCEPTED' : 'REJECTED')),
    words.map(seal),
    now,
    by,
    matcher.weights.version,
    words.map(({ splitId }) => splitId),
    words.map(({ splitId, isShown }) => (isShown ? splitId : null)),
  ]);
}

const SPLITS = 'select distinct split_id as id from identity_review where id = any($1) and split_id is not null';

// Of a split none of whose pairs that were shown holds any more, though others do.
const SHOW_OTHERS = `
update identity_review r set question_id = r.split_id where r.split_id = any($1) and r.status = 'REJECTED'
  and not exists (select from identity_review shown where shown.split_id = r.split_id and shown.question_id is not null)`;

/** Stores what was said, with all that follows from it, and works out anew who is who. Returns the reviews that say otherwise now. */
export async function enforce(
  tx: Tx,
  deciding: Deciding,
  around: Around,
  { said, leaving }: { readonly said: readonly Word[]; readonly leaving: readonly string[] },
): Promise<string[]> {
  const { keyring, now } = deciding;
  const as = (word: Word): StoredReview => ({
    ...{ id: word.id, a: word.a, b: word.b, score: word.evidence?.score ?? null },
    ...{ status: word.same ? 'ACCEPTED' : 'REJECTED', decidedAt: now.getTime(), questionId: null },
  });
  const withWords = (reviews: readonly StoredReview[], words: readonly Word[]): StoredReview[] => [
    ...new Map([...reviews, ...words.map(as)].map((review) => [pairOf(review), review])).values(),
  ];
  // What was said at the same moment before is not later than this.
  const earlier = around.reviews.map((review) =>
    review.decidedAt === null ? review : { ...review, decidedAt: Math.min(review.decidedAt, now.getTime() - 1) },
  );
  const reviews = withWords(earlier, said);
  const idOf = new Map(reviews.map((review) => [pairOf(review), review.id]));
  const byId = new Map(around.near.map((mention) => [mention.id, mention]));
  const weighed = (x: StoredMention | undefined, y: StoredMention | undefined): Pick<Word, 'evidence'> =>
    x && y ? { evidence: weighPair(x, y, around.matcher.weights) } : {};
  const follow = settle(toDecisions(reviews)).overruled.map(({ a, b, same }): Word => ({
    ...{ id: idOf.get(pairOf({ a, b })) ?? newId('rvw', now), a, b, same: !same, splitId: null, isShown: false },
    ...weighed(byId.get(a), byId.get(b)),
  }));
  const splits = follow.length === 0 ? [] : await tx.query<{ id: string }>(SPLITS, [follow.map(({ id }) => id)]);
  await storeWords(tx, deciding, around, [...said, ...follow]);
  if (splits.length > 0) await tx.query(SHOW_OTHERS, [splits.map(({ id }) => id)]);
  const [act] = said;
  await joinAll(
    tx,
    { keyring, now },
    NO_CHANGES,
    {
      ...{ matcher: around.matcher, comparer: createComparer(around.matcher.weights), near: around.near },
      reviews: withWords(reviews, follow),
    },
    act && { reviewId: act.id, leaving: new Set(leaving) },
  );
  return follow.map(({ id }) => id);
}

const PERSONS = 'select id, person_id as "personId" from mention where id = any($1)';

/** Whose each mention is now. */
export async function personsOf(tx: Tx, mentionIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.query<{ id: string; personId: string }>(PERSONS, [mentionIds]);
  return new Map(rows.map(({ id, personId }) => [id, personId]));
}
