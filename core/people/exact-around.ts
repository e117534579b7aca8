/** What a first load looks at: those of an equal number, and those who are one with them already. Nothing is opened. */
import type { Sex } from '../department-record.ts';
import type { Tx } from '../platform/db.ts';
import type { Assignable, Membership } from './assign-person.ts';
import { numbersOf } from './blocking-hash.ts';
import type { MentionRow } from './index-row.ts';
import { milliseconds, readPast, type PastMention } from './past-mention.ts';
import { hashText, type JoiningData } from './same-person.ts';

/** Somebody as one number, name, birth date and sex have them; of how many mentions does not matter for who is who. */
export type Said = Assignable & JoiningData & { readonly settled: Membership };

export interface ExactAround {
  readonly past: readonly PastMention[];
  /** Without those of `past`. Of those of whom the same is said, and who are one person already, the first stands for all. */
  readonly near: readonly (Said & { readonly count: number })[];
}

const SAID = `m.person_id as "personId", m.sex, m.citizen_id_hash as "citizenIdHash", m.name_hash as "nameHash", m.birth_hash as "birthHash"`;

/** Live mentions point at survivors. */
const withPerson = (mentions: string): string => `
select m.*, ${milliseconds('p.created_at')} as "personCreatedAt"
from (${mentions}) m
cross join lateral (select created_at from person where person.id = m."personId" offset 0) p`;

// One arm per index; either may find nothing, and whoever is in both is taken from the first. Those with thirty records are on every
// page: what is the same of them is read once.
const NEAR = withPerson(`
  with number as (select unnest($1::bytea[]) as hash)
  select ${SAID}, min(m.id) as id, count(*)::int as count, ${milliseconds('min(m.created_at)')} as "createdAt",
    min(m.matched_by) as "matchedBy", min(m.score) as score, min(m.matched_with) as "matchedWith"
  from (
    select m.* from number
    cross join lateral (select * from mention where citizen_id_hash = number.hash and gone_at is null offset 0) m
    union all
    select m.* from unnest($2::text[]) as one(id)
    cross join lateral (select * from mention where person_id = one.id and gone_at is null offset 0) m
    where m.citizen_id_hash is null or m.citizen_id_hash not in (select hash from number)
  ) m
  where m.id not in (select unnest($3::text[]))
  group by 1, 2, 3, 4, 5`);

const EACH = withPerson(`
  select ${SAID}, m.id, 1 as count, ${milliseconds('m.created_at')} as "createdAt", m.matched_by as "matchedBy", m.score,
    m.matched_with as "matchedWith"
  from mention m where m.gone_at is null and m.person_id = any($1)`);

interface Row extends Membership {
  readonly id: string;
  readonly count: number;
  readonly sex: Sex;
  readonly citizenIdHash: Buffer | null;
  readonly nameHash: Buffer;
  readonly birthHash: Buffer | null;
  readonly personCreatedAt: number;
  readonly createdAt: number;
}

/** Call under `tx.lock(JOIN_LOCK)`. */
export async function exactAround(
  tx: Tx,
  put: readonly MentionRow[],
  replace: readonly string[],
): Promise<ExactAround> {
  const past = replace.length === 0 ? [] : await readPast(tx, replace);
  const numbers = numbersOf(put);
  const persons = [...new Set(past.flatMap(({ person }) => person?.id ?? []))];
  if (numbers.length + persons.length === 0) return { past, near: [] };
  const rows = await tx.query<Row>(NEAR, [numbers, persons, past.map(({ id }) => id)]);
  return { past, near: rows.map(toNear) };
}

/** Each mention of these persons by itself. */
export const readEach = async (tx: Tx, personIds: readonly string[]): Promise<ExactAround['near']> =>
  (await tx.query<Row>(EACH, [personIds])).map(toNear);

const APART = `
select distinct a.person_id as x, b.person_id as y from mention a
join identity_review r on r.a_mention_id = a.id and r.status = 'REJECTED'
join mention b on b.id = r.b_mention_id and b.gone_at is null and b.person_id = any($1) and b.person_id <> a.person_id
where a.person_id = any($1) and a.gone_at is null`;

/** Which of these persons a human has told apart. */
export const readApart = async (tx: Tx, personIds: readonly string[]): Promise<[string, string][]> =>
  (await tx.query<{ x: string; y: string }>(APART, [personIds])).map(({ x, y }) => [x, y]);

function toNear({
  id,
  count,
  sex,
  citizenIdHash,
  nameHash,
  birthHash,
  createdAt,
  personCreatedAt,
  ...settled
}: Row): ExactAround['near'][number] {
  return {
    ...{
      id,
      count,
      sex,
      createdAt,
      settled,
      revived: false,
      person: { id: settled.personId, createdAt: personCreatedAt },
    },
    ...{ citizenId: hashText(citizenIdHash), name: nameHash.toString('latin1'), birthDate: hashText(birthHash) },
  };
}
