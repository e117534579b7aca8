/**
 * Who may be one person with those who change: all that hang together with them by any evidence, however far. What was found worth
 * a look before is stored: as one person, as a question for a human or his answer, or as an equal number. So new comparing is
 * needed for those who change only; from whom they meet it goes on along what is stored.
 */
import type { Sex } from '../department-record.ts';
import type { Tx } from '../platform/db.ts';
import type { Keyring } from '../platform/keyring.ts';
import type { Membership } from './assign-person.ts';
import { numbersOf, type BlockingHashes } from './blocking-hash.ts';
import { openMention } from './index-row.ts';
import { loadMatcher, type Matcher } from './matcher.ts';
import { createComparer, type Comparer } from './matching/evidence.ts';
import type { Matchable } from './matching/resolve.ts';
import { readTraits } from './matching/trait.ts';
import { milliseconds, readPast, type PastMention } from './past-mention.ts';

export interface Seed extends Matchable {
  readonly citizenIdHash: Buffer | null;
  readonly blocking: BlockingHashes;
}

/** A live mention with what it is compared by. */
export interface StoredMention extends Seed, Omit<Membership, 'personId'> {
  readonly person: { readonly id: string; readonly createdAt: number };
  readonly createdAt: number;
}

export interface StoredReview {
  readonly id: string;
  readonly a: string;
  readonly b: string;
  readonly status: 'OPEN' | 'ACCEPTED' | 'REJECTED';
  readonly score: number | null;
  /** Milliseconds; null while it is open. */
  readonly decidedAt: number | null;
  /** Of the question that it puts; once it is decided, of the split that it stands for, or null. */
  readonly questionId: string | null;
}

export interface Neighbourhood {
  readonly matcher: Matcher;
  readonly comparer: Comparer;
  readonly near: readonly StoredMention[];
  readonly reviews: readonly StoredReview[];
}

// Live mentions point at survivors.
const COLUMNS = `m.id, m.sex, m.matched_by as "matchedBy", m.score, m.matched_with as "matchedWith", m.person_id as "personId",
  ${milliseconds('p.created_at')} as "personCreatedAt", ${milliseconds('m.created_at')} as "createdAt", m.citizen_id_hash as "citizenIdHash",
  m.name_day as "nameDay", m.born_first as "bornFirst", m.born_last as "bornLast", m.name_phone as "namePhone",
  m.cipher, k.wrapped`;

// Row by row by its index (`offset 0` has it so): nobody can guess how many there will be, and a plan for many reads the whole county.
const readingOf = (found: string, condition: string): string => `
from ${found}
cross join lateral (select * from mention where ${condition} offset 0) m
cross join lateral (select created_at from person where person.id = m.person_id offset 0) p
left join lateral (select wrapped from data_key where data_key.id = m.id offset 0) k on true`;

// One arm per index. What is looked for in two rooms is looked for in both, so that it does not matter who came first.
const MET = `
with met as (
  select id from mention where gone_at is null and citizen_id_hash = any($2)
  union select id from mention where gone_at is null and name_day = any($3::bigint[])
  union select id from mention where gone_at is null and born_first = any($4::bigint[])
  union select id from mention where gone_at is null and born_last = any($4::bigint[])
  union select id from mention where gone_at is null and name_phone = any($5::bigint[])
  except select unnest($1::text[])
)
select ${COLUMNS}
${readingOf('met', 'mention.id = met.id')}`;

const HANGING_TOGETHER = `
with recursive near(person_id) as (
  select unnest($1::text[])
  union
  select found.person_id from near
  join mention m on m.person_id = near.person_id and m.gone_at is null
  cross join lateral (
    select other.person_id from mention other where other.citizen_id_hash = m.citizen_id_hash and other.gone_at is null
    union all
    select other.person_id from identity_review r join mention other on other.id = r.b_mention_id and other.gone_at is null
    where r.a_mention_id = m.id
    union all
    select other.person_id from identity_review r join mention other on other.id = r.a_mention_id and other.gone_at is null
    where r.b_mention_id = m.id
  ) found
)
select ${COLUMNS}
${readingOf('near', 'mention.person_id = near.person_id and mention.gone_at is null')}`;

const REVIEW_COLUMNS = `id, a_mention_id as a, b_mention_id as b, status, score, ${milliseconds('decided_at')} as "decidedAt", question_id as "questionId"`;
const REVIEWS = `select ${REVIEW_COLUMNS} from identity_review where a_mention_id = any($1)
union select ${REVIEW_COLUMNS} from identity_review where b_mention_id = any($1)`;

interface Row extends BlockingHashes, Membership {
  readonly id: string;
  readonly sex: Sex;
  readonly personCreatedAt: number;
  readonly createdAt: number;
  readonly citizenIdHash: Buffer | null;
  readonly cipher: Buffer;
  readonly wrapped: Buffer | null;
}

export const distinct = (values: readonly (string | null)[]): string[] => [
  ...new Set(values.filter((value) => value !== null)),
];

/** Reads mentions; each is opened once however often it is met. */
export interface Reader {
  /**
   * Those found by any key of these; themselves too, where they are stored. Not those of `known`: where it is given, those of an equal
   * number are in it.
   */
  meet(seeds: readonly Seed[], known?: readonly string[]): Promise<StoredMention[]>;
  /** All of these persons, of those with an equal number, and of those about whom a human was asked; and so on. */
  hangingTogether(personIds: readonly string[]): Promise<StoredMention[]>;
  reviewsOf(mentionIds: readonly string[]): Promise<StoredReview[]>;
}

export const readReviews = (tx: Tx, mentionIds: readonly string[]): Promise<StoredReview[]> =>
  tx.query<StoredReview>(REVIEWS, [mentionIds]);

export function createReader(tx: Tx, keyring: Keyring, { readAddress }: Pick<Matcher, 'readAddress'>): Reader {
  const read = new Map<string, StoredMention>();
  const toStored = (row: Row): StoredMention => {
    const before = read.get(row.id);
    if (before) return before;
    const {
      id,
      sex,
      cipher,
      wrapped,
      personId,
      personCreatedAt,
      createdAt,
      citizenIdHash,
      matchedBy,
      score,
      matchedWith,
      ...blocking
    } = row;
    const said = openMention(keyring, { mentionId: id, cipher, wrapped });
    const stored = {
      ...{ id, createdAt, citizenIdHash, matchedBy, score, matchedWith, blocking },
      traits: readTraits({ ...said, sex }, readAddress),
      person: { id: personId, createdAt: personCreatedAt },
    };
    read.set(id, stored);
    return stored;
  };
  return {
    async meet(seeds, known) {
      const inRoom = (...kinds: readonly (keyof BlockingHashes)[]): string[] =>
        distinct(seeds.flatMap(({ blocking }) => kinds.map((kind) => blocking[kind])));
      const rows = await tx.query<Row>(MET, [
        known ?? [],
        known === undefined ? numbersOf(seeds) : [],
        inRoom('nameDay'),
        inRoom('bornFirst', 'bornLast'),
        inRoom('namePhone'),
      ]);
      return rows.map(toStored);
    },
    hangingTogether: async (personIds) => (await tx.query<Row>(HANGING_TOGETHER, [personIds])).map(toStored),
    reviewsOf: (mentionIds) => readReviews(tx, mentionIds),
  };
}

/**
 * Call under `tx.lock(JOIN_LOCK)`, before anything of the page is stored or after: it looks at what was there. As many statements for
 * those who meet nobody as for others. `replaced`: ids of records.
 */
export async function lookAround(
  tx: Tx,
  keyring: Keyring,
  seeds: readonly Seed[],
  replaced: readonly string[],
): Promise<Neighbourhood & { readonly past: readonly PastMention[] }> {
  const matcher = await loadMatcher(tx, keyring);
  const reader = createReader(tx, keyring, matcher);
  const comparer = createComparer(matcher.weights);
  const [past, met] = await Promise.all([readPast(tx, replaced), reader.meet(seeds)]);
  const own = new Set(seeds.map(({ id }) => id));
  const worth = new Set(
    comparer.among([...seeds, ...met.filter(({ id }) => !own.has(id))]).flatMap(({ a, b }) => [a, b]),
  );
  const persons = distinct([
    ...met.filter(({ id }) => worth.has(id) || own.has(id)).map(({ person }) => person.id),
    // Of those that are gone too: they may come back, and want their person again.
    ...past.map(({ person }) => person?.id ?? null),
  ]);
  const near = await reader.hangingTogether(persons);
  const reviews = await reader.reviewsOf(distinct([...near.map(({ id }) => id), ...own, ...past.map(({ id }) => id)]));
  return { matcher, comparer, past, near, reviews };
}
