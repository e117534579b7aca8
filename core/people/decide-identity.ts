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
import { pairOf, toDecisions } from './identity-review.ts';
import { JOIN_LOCK, joinAll, NO_CHANGES } from './join-people.ts';
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

export const noSuchReview = (): AppError =>
  new AppError('NOT_FOUND', 'There is no such question, or it is no longer asked.', { details: { field: 'id' } });

const REVIEW = `
select r.id, r.a_mention_id as a, r.b_mention_id as b, r.status, r.split_id as "splitId", ma.person_id as "personA", mb.person_id as "personB"
from identity_review r
join mention ma on ma.id = r.a_mention_id and ma.gone_at is null
join mention mb on mb.id = r.b_mention_id and mb.gone_at is null
where r.id = $1 and (r.split_id is null or r.question_id is not null)`;

interface ReviewRow {
  readonly id: string;
  readonly a: string;
  readonly b: string;
  readonly status: StoredReview['status'];
  readonly splitId: string | null;
  readonly personA: string;
  readonly personB: string;
}

// What had been said before holds again, unless it was part of another split that has been taken back as well.
const RESTORE = `
update identity_review r set status = 'ACCEPTED', decided_by = r.accepted_before->'by', decided_at = (r.accepted_before->>'at')::timestamptz,
  reason_cipher = decode(r.accepted_before->>'reason', 'base64'), split_id = r.accepted_before->>'split', question_id = null, accepted_before = null
where r.split_id = $1 and r.id <> $2 and r.accepted_before is not null and (r.accepted_before->>'split' is null
  or exists (select from identity_review other where other.split_id = r.accepted_before->>'split'))
returning r.id`;
const TAKE_BACK = 'delete from identity_review where split_id = $1 and id <> $2 returning id';

/** All that was said at once, but for this review; their ids. */
async function takeBack(tx: Tx, splitId: string, reviewId: string): Promise<string[]> {
  const restored = await tx.query<{ id: string }>(RESTORE, [splitId, reviewId]);
  const deleted = await tx.query<{ id: string }>(TAKE_BACK, [splitId, reviewId]);
  return [...restored, ...deleted].map(({ id }) => id);
}

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
  const { a, b, personA, personB, status, splitId } = review;
  if (expected !== undefined && expected !== status)
    throw new AppError('CONFLICT', 'Somebody has decided this question meanwhile; look at it again.', {
      details: { status },
    });
  if (status === (samePerson ? 'ACCEPTED' : 'REJECTED'))
    return { reviewId, isNew: false, overruled: [], about: [], personId: personA };
  const takenBack = splitId === null ? [] : await takeBack(tx, splitId, reviewId);
  const around = await readAround(tx, deciding.keyring, distinct([personA, personB]));
  const said = [{ id: reviewId, a, b, same: samePerson, splitId: null, isShown: true }];
  const overruled = await enforce(tx, deciding, around, { said, leaving: [] });
  const after = await personsOf(tx, [a, b]);
  return {
    ...{ reviewId, isNew: true, overruled: [...takenBack, ...overruled] },
    about: distinct([personA, personB, ...after.values()]),
    personId: after.get(a) ?? personA,
  };
}

export interface Split {
  readonly personId: string;
  /** What is said of this person there is somebody else's. */
  readonly recordIds: readonly string[];
  /** Mentions that the decider knows of: pairs of them stand for the decision. */
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
  const isKnown = new Set(known);
  const [first] = leaving;
  const rest = staying.find((id) => isKnown.has(id));
  if (first === undefined || rest === undefined || !leaving.some((id) => isKnown.has(id)))
    throw badInput('records', 'Name some of this person’s records, and not all: at least one stays.');
  if (leaving.length * staying.length > MOST_PAIRS)
    throw badInput('records', 'That is too much at once; name fewer records, and the others in another act.');
  const around = await readAround(tx, deciding.keyring, distinct(mentions.map((mention) => mention.personId)));
  const said = wordsOfSplit(deciding, around, { leaving, staying, known: isKnown });
  const overruled = await enforce(tx, deciding, around, { said, leaving });
  const after = await personsOf(tx, [first, rest]);
  const [remaining, separated] = [after.get(rest) ?? personId, after.get(first) ?? personId];
  return {
    ...{ reviewId: said[0]?.id ?? '', isNew: true, overruled, remaining, separated },
    about: distinct([...mentions.map((mention) => mention.personId), remaining, separated]),
  };
}

/** Each who leaves is told apart from each who stays, and all of that is read again with whatever comes of them. */
const MOST_PAIRS = 20_000;
/** So many pairs stand for a split: whoever sees both of any of them sees that it was decided, and can take it back. */
const MOST_SHOWN = 24;
/** Of somebody with more records than that, not all are tried. */
const MOST_TRIED = 60;

/** Of each that leaves or stays and that the decider knows of the pair that is most alike; the most alike of all first. */
function pairsToShow(
  { matcher, near }: Around,
  { leaving, staying }: { readonly leaving: readonly string[]; readonly staying: readonly string[] },
): Evidence[] {
  const byId = new Map(near.map((mention) => [mention.id, mention]));
  const best = new Map<string, Evidence>();
  for (const x of leaving.slice(0, MOST_TRIED))
    for (const y of staying.slice(0, MOST_TRIED)) {
      const pair = weighPair(byId.get(x) as StoredMention, byId.get(y) as StoredMention, matcher.weights);
      for (const id of [x, y]) if (pair.score > (best.get(id)?.score ?? -Infinity)) best.set(id, pair);
    }
  const pairs = new Map([...best.values()].map((pair) => [pairOf(pair), pair]));
  return [...pairs.values()].sort((x, y) => y.score - x.score).slice(0, MOST_SHOWN);
}

function wordsOfSplit(
  { now }: Deciding,
  around: Around,
  {
    leaving,
    staying,
    known,
  }: { readonly leaving: readonly string[]; readonly staying: readonly string[]; readonly known: ReadonlySet<string> },
): Word[] {
  const isKnown = (id: string): boolean => known.has(id);
  const shown = pairsToShow(around, { leaving: leaving.filter(isKnown), staying: staying.filter(isKnown) });
  const stored = new Map(around.reviews.map((review) => [pairOf(review), review]));
  const idOf = (pair: { readonly a: string; readonly b: string }): string =>
    stored.get(pairOf(pair))?.id ?? newId('rvw', now);
  const standing = shown.map((evidence) => ({ ...evidence, id: idOf(evidence), evidence }));
  const splitId = standing[0]?.id ?? '';
  const inOrder = (x: string, y: string): { a: string; b: string } => (x < y ? { a: x, b: y } : { a: y, b: x });
  const isStanding = new Set(shown.map(pairOf));
  const apart = leaving
    .flatMap((id) => staying.map((other) => inOrder(id, other)))
    .filter((pair) => !isStanding.has(pairOf(pair)));
  const [first = '', ...others] = leaving;
  // What a human has said already needs no saying, and is not taken back with this.
  const together = others
    .map((id) => inOrder(first, id))
    .filter((pair) => stored.get(pairOf(pair))?.status !== 'ACCEPTED');
  return [
    ...standing.map(({ id, a, b, evidence }) => ({ id, a, b, same: false, splitId, isShown: true, evidence })),
    ...apart.map((pair) => ({ ...pair, id: idOf(pair), same: false, splitId, isShown: false })),
    ...together.map((pair) => ({ ...pair, id: idOf(pair), same: true, splitId, isShown: false })),
  ];
}
