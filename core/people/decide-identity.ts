/**
 * What humans decide of who is who: that two mentions are one person or two, and that some records of a person are somebody else's. It
 * is evidence like any other, but binds: no score overrules it, only a later decision.
 */
import { readDataKeys } from '../platform/data-keys.ts';
import type { Tx } from '../platform/db.ts';
import { AppError, badInput } from '../platform/errors.ts';
import { newId } from '../platform/id.ts';
import type { Keyring } from '../platform/keyring.ts';
import { openOwned, sealOwned, type KeyHolder } from '../platform/owned.ts';
import { toDecisions } from './identity-review.ts';
import { JOIN_LOCK, joinAll } from './join-people.ts';
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
interface Around {
  readonly matcher: Matcher;
  readonly near: readonly StoredMention[];
  readonly reviews: readonly StoredReview[];
}

async function readAround(tx: Tx, keyring: Keyring, personIds: readonly string[]): Promise<Around> {
  const matcher = await loadMatcher(tx, keyring);
  const reader = createReader(tx, keyring, matcher);
  const near = await reader.hangingTogether(personIds);
  return { matcher, near, reviews: await reader.reviewsOf(near.map(({ id }) => id)) };
}

interface Word {
  readonly id: string;
  readonly a: string;
  readonly b: string;
  readonly same: boolean;
  readonly splitId: string | null;
  /** Of one that nobody asked about. */
  readonly evidence?: Evidence;
}

const DECIDE = `
insert into identity_review (id, a_mention_id, b_mention_id, evidence, score, version, proposed_at, status, decided_by, decided_at,
  reason_cipher, split_id)
select id, a, b, evidence::jsonb, score, $10, $8, status, $9, $8, reason, split_id
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::real[], $6::text[], $7::bytea[], $11::text[])
  as n(id, a, b, evidence, score, status, reason, split_id)
on conflict (a_mention_id, b_mention_id) do update set status = excluded.status, decided_by = excluded.decided_by,
  decided_at = excluded.decided_at, reason_cipher = excluded.reason_cipher, split_id = excluded.split_id, question_id = null`;

async function storeWords(
  tx: Tx,
  { keyring, now, by, reason }: Deciding,
  { matcher, near }: Around,
  words: readonly Word[],
): Promise<void> {
  const keys = await readDataKeys(tx, distinct(words.map(({ a }) => a)));
  const nameOf = new Map(near.map(({ id, traits }) => [id, traits.name]));
  const fieldsOf = ({ evidence }: Word): unknown[] => {
    const name = evidence && nameOf.get(evidence.a);
    return name ? toFields(evidence.comparison, name, matcher.weights) : [];
  };
  await tx.query(DECIDE, [
    words.map(({ id }) => id),
    words.map(({ a }) => a),
    words.map(({ b }) => b),
    words.map((word) => JSON.stringify(fieldsOf(word))),
    words.map(({ evidence }) => evidence?.score ?? null),
    words.map(({ same }) => (same ? 'ACCEPTED' : 'REJECTED')),
    words.map(({ a, b }) =>
      sealOwned(keyring, 'index.cipher', { owner: a, wrapped: keys.get(a) ?? null }, reason, reasonContext(a, b)),
    ),
    now,
    by,
    matcher.weights.version,
    words.map(({ splitId }) => splitId),
  ]);
}

const pairOf = ({ a, b }: { readonly a: string; readonly b: string }): string => `${a} ${b}`;

/** Stores what was said, with all that follows from it, and works out anew who is who. Returns the reviews that say otherwise now. */
async function enforce(
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
  const follow = settle(toDecisions(reviews)).overruled.map(({ a, b, same }): Word => ({
    id: idOf.get(pairOf({ a, b })) ?? newId('rvw', now),
    a,
    b,
    same: !same,
    splitId: null,
  }));
  await storeWords(tx, deciding, around, [...said, ...follow]);
  const [act] = said;
  await joinAll(
    tx,
    { keyring, now },
    { put: [], vanished: [], present: [] },
    {
      ...{ matcher: around.matcher, comparer: createComparer(around.matcher.weights), near: around.near },
      reviews: withWords(reviews, follow),
    },
    act && { reviewId: act.id, leaving: new Set(leaving) },
  );
  return follow.map(({ id }) => id);
}

const noSuchReview = (): AppError =>
  new AppError('NOT_FOUND', 'There is no such question, or it is no longer asked.', { details: { field: 'id' } });

const REVIEW = `
select r.id, r.a_mention_id as a, r.b_mention_id as b, r.status, r.split_id as "splitId", ma.person_id as "personA", mb.person_id as "personB"
from identity_review r
join mention ma on ma.id = r.a_mention_id and ma.gone_at is null
join mention mb on mb.id = r.b_mention_id and mb.gone_at is null
where r.id = $1 and (r.split_id is null or r.split_id = r.id)`;

interface ReviewRow {
  readonly id: string;
  readonly a: string;
  readonly b: string;
  readonly status: StoredReview['status'];
  readonly splitId: string | null;
  readonly personA: string;
  readonly personB: string;
}

const TAKE_BACK = `delete from identity_review where split_id = $1 and id <> $1 and status = 'REJECTED' returning id`;

const PERSONS = 'select id, person_id as "personId" from mention where id = any($1)';

async function personsOf(tx: Tx, mentionIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.query<{ id: string; personId: string }>(PERSONS, [mentionIds]);
  return new Map(rows.map(({ id, personId }) => [id, personId]));
}

export interface ReviewDecision {
  readonly reviewId: string;
  readonly samePerson: boolean;
  /** What the decider takes the state of the question to be; anything else is CONFLICT. */
  readonly expected?: StoredReview['status'];
}

/**
 * Answers a question, or answers it otherwise than before. To say the same again changes nothing. Takes `JOIN_LOCK`. `personId`: of the
 * first of the two, afterwards.
 */
export async function decideReview(
  tx: Tx,
  deciding: Deciding,
  { reviewId, samePerson, expected }: ReviewDecision,
): Promise<Decided & { readonly personId: string }> {
  requireReason(deciding.reason);
  await tx.lock(JOIN_LOCK);
  const review = await tx.maybeOne<ReviewRow>(REVIEW, [reviewId]);
  if (!review) throw noSuchReview();
  const { a, b, personA, personB, status } = review;
  if (expected !== undefined && expected !== status)
    throw new AppError('CONFLICT', 'Somebody has decided this question meanwhile; look at it again.', {
      details: { status },
    });
  if (status === (samePerson ? 'ACCEPTED' : 'REJECTED'))
    return { reviewId, isNew: false, overruled: [], about: [], personId: personA };
  const takenBack = review.splitId === null || !samePerson ? [] : await tx.query<{ id: string }>(TAKE_BACK, [reviewId]);
  const around = await readAround(tx, deciding.keyring, distinct([personA, personB]));
  const said = [{ id: reviewId, a, b, same: samePerson, splitId: null }];
  const overruled = await enforce(tx, deciding, around, { said, leaving: [] });
  const after = await personsOf(tx, [a, b]);
  return {
    ...{ reviewId, isNew: true, overruled: [...takenBack.map(({ id }) => id), ...overruled] },
    about: distinct([personA, personB, ...after.values()]),
    personId: after.get(a) ?? personA,
  };
}

export interface Split {
  readonly personId: string;
  /** What is said of this person there is somebody else's. */
  readonly recordIds: readonly string[];
  /** Mentions that the decider knows of: one of them stands for the decision. */
  readonly known: readonly string[];
}

const OF_PERSON = `select m.id, m.record_id as "recordId", m.person_id as "personId" from mention m join person p on p.id = $1
where m.person_id = coalesce(p.survivor_id, p.id) and m.gone_at is null order by m.id`;

/**
 * What leaves is one person from now on, and none of those who stay, by the same human's word; what stays is who it is by its evidence.
 * What leaves gets a new id (or joins whoever it is by its evidence). Takes `JOIN_LOCK`.
 */
export async function splitPerson(
  tx: Tx,
  deciding: Deciding,
  { personId, recordIds, known }: Split,
): Promise<Decided & { readonly remaining: string; readonly separated: string }> {
  requireReason(deciding.reason);
  await tx.lock(JOIN_LOCK);
  const mentions = await tx.query<{ id: string; recordId: string; personId: string }>(OF_PERSON, [personId]);
  const leaves = ({ recordId }: { readonly recordId: string }): boolean => recordIds.includes(recordId);
  const leaving = mentions.filter(leaves).map(({ id }) => id);
  const staying = mentions.filter((mention) => !leaves(mention)).map(({ id }) => id);
  const [first] = leaving;
  const [rest] = staying.filter((id) => known.includes(id));
  if (first === undefined || rest === undefined || !leaving.some((id) => known.includes(id)))
    throw badInput('records', 'Name some of this person’s records, and not all: at least one stays.');
  const around = await readAround(tx, deciding.keyring, distinct(mentions.map((mention) => mention.personId)));
  const said = wordsOfSplit(deciding, around, { leaving, staying, known });
  const overruled = await enforce(tx, deciding, around, { said, leaving });
  const after = await personsOf(tx, [first, rest]);
  const [remaining, separated] = [after.get(rest) ?? personId, after.get(first) ?? personId];
  return {
    ...{ reviewId: said[0]?.id ?? '', isNew: true, overruled, remaining, separated },
    about: distinct([...mentions.map((mention) => mention.personId), remaining, separated]),
  };
}

/** The one that stands for all first: of those that the decider knows of, the two who are most alike. */
function wordsOfSplit(
  { now }: Deciding,
  { matcher, near, reviews }: Around,
  {
    leaving,
    staying,
    known,
  }: { readonly leaving: readonly string[]; readonly staying: readonly string[]; readonly known: readonly string[] },
): Word[] {
  const byId = new Map(near.map((mention) => [mention.id, mention]));
  const weigh = (x: string, y: string): Evidence =>
    weighPair(byId.get(x) as StoredMention, byId.get(y) as StoredMention, matcher.weights);
  const pairs = leaving
    .filter((id) => known.includes(id))
    .flatMap((id) => staying.filter((other) => known.includes(other)).map((other) => weigh(id, other)));
  const standing = pairs.reduce((best, one) => (one.score > best.score ? one : best));
  const stored = new Map(reviews.map((review) => [pairOf(review), review.id]));
  const idOf = (pair: { readonly a: string; readonly b: string }): string =>
    stored.get(pairOf(pair)) ?? newId('rvw', now);
  const splitId = idOf(standing);
  const inOrder = (x: string, y: string): { a: string; b: string } => (x < y ? { a: x, b: y } : { a: y, b: x });
  const apart = leaving
    .flatMap((id) => staying.map((other) => inOrder(id, other)))
    .filter((pair) => pairOf(pair) !== pairOf(standing));
  const [first = '', ...others] = leaving;
  const together = others.map((id) => inOrder(first, id));
  return [
    { id: splitId, a: standing.a, b: standing.b, same: false, splitId, evidence: standing },
    ...apart.map((pair) => ({ ...pair, id: idOf(pair), same: false, splitId })),
    ...together.map((pair) => ({ ...pair, id: idOf(pair), same: true, splitId })),
  ];
}
