/** Records as they are compared for what might be one dispute, as the database has them. */
import { isViolent } from '../access/predicate.ts';
import type { Tx } from '../platform/db.ts';
import type { LinkableMatter } from './candidate-link.ts';
import { judgeLink, partiesOf } from './judge-link.ts';
import { windowOf, type LinkRule } from './link-rule.ts';
import { loadLinkable } from './linkable-row.ts';
import type { LinkableRecord, LinkedDispute } from './linkable-record.ts';

/**
 * Record `r` and the dispute `d` that it tells of may be compared: what is sealed, classified or protected is not, for whoever decides may not
 * see it (rules 6 and 7); nor anything of a matter of violence at home, where who reported it would show.
 */
export const isComparable = (r: string, d: string): string =>
  `(${r}.category is not null and ${r}.gone_at is null and not (${r}.sealed or ${r}.classified or ${r}.protected) and not ${isViolent(d)})`;

const BESIDE = `
select asked.id from unnest($1::text[]) as asked (id)
union
select beside.record_id from unnest($1::text[]) as asked (id)
join dispute_record own on own.record_id = asked.id and own.unlinked_at is null
join dispute_record beside on beside.dispute_id = own.dispute_id and beside.unlinked_at is null`;

/** These records and all others of their disputes. */
export const findBeside = async (tx: Tx, recordIds: readonly string[]): Promise<string[]> =>
  (await tx.query<{ id: string }>(BESIDE, [recordIds])).map(({ id }) => id);

// Row by row by its index (`offset 0` has it so), from those who are asked about. Whoever stands on very many records is not followed.
const MEETING = `
with seed as (
  select r.id, r.occurred_at, l.dispute_id
  from unnest($1::text[]) as asked (id)
  cross join lateral (select * from record where record.id = asked.id offset 0) r
  join dispute_record l on l.record_id = r.id and l.unlinked_at is null
  join dispute d on d.id = l.dispute_id
  where ${isComparable('r', 'd')}
), standing as (
  select seed.id, m.person_id from seed join mention m on m.record_id = seed.id and m.gone_at is null and m.person_id is not null
), followed as (
  select person_id from (select distinct person_id from standing) who
  where (select count(*) from (
    select from mention every where every.person_id = who.person_id and every.gone_at is null limit $3 + 1) few) <= $3
)
select distinct seed.id as a, r.id as b
from seed join standing on standing.id = seed.id join followed on followed.person_id = standing.person_id
cross join lateral (select record_id from mention where mention.person_id = followed.person_id and mention.gone_at is null offset 0) m
cross join lateral (select * from record where record.id = m.record_id and record.id <> seed.id offset 0) r
join dispute_record l on l.record_id = r.id and l.unlinked_at is null and l.dispute_id <> seed.dispute_id
join dispute d on d.id = l.dispute_id
where ${isComparable('r', 'd')} and r.occurred_at between seed.occurred_at - $2::interval and seed.occurred_at + $2::interval`;

const SAID = `
select r.id, r.source, r.kind, r.category, r.occurred_at as at, o.path as "placePath",
  r.source = 'CENTRE' or r.changed_at > feed.loaded_at as "isNews",
  coalesce((select jsonb_agg(jsonb_build_object('personId', m.person_id, 'role', m.role) order by m.ref)
    from mention m where m.record_id = r.id and m.gone_at is null and m.person_id is not null), '[]') as named
from record r left join organisation o on o.id = r.place_id left join source_feed feed on feed.source = r.source
where r.id = any($1)`;

interface SaidRow {
  readonly id: string;
  readonly source: string;
  readonly kind: string;
  readonly category: string;
  readonly at: Date;
  readonly placePath: string | null;
  readonly isNews: boolean | null;
  readonly named: readonly { readonly personId: string; readonly role: string }[];
}

export interface StoredMatter extends LinkableMatter {
  readonly record: LinkableRecord;
  readonly dispute: LinkedDispute;
  /** Read in, or changed, after its department's first load, or taken down at the desk. */
  readonly isNews: boolean;
}

type Pair = readonly [StoredMatter, StoredMatter];

/**
 * Each two records of different disputes, one of them among these, that compare as one; each two once. Under `JOIN_LOCK`.
 */
export async function loadPairs(tx: Tx, recordIds: readonly string[], rule: LinkRule): Promise<readonly Pair[]> {
  const longest = `${windowOf(rule, ...rule.window.slow.categories)} milliseconds`;
  const met = await tx.query<{ a: string; b: string }>(MEETING, [recordIds, longest, rule.mostRecords]);
  if (met.length === 0) return [];
  const ids = new Set(met.flatMap(({ a, b }) => [a, b]));
  const said = new Map(
    (await tx.query<SaidRow>(SAID, [[...ids]])).map(({ named, at, isNews, ...row }) => [
      row.id,
      { ...row, at: at.getTime(), isNews: isNews === true, parties: partiesOf(row.source, named) },
    ]),
  );
  const alike = new Map<string, readonly [string, string]>();
  for (const { a, b } of met) {
    const [one, other] = [said.get(a), said.get(b)];
    if (one && other && judgeLink(one, other, rule)) alike.set(a < b ? `${a} ${b}` : `${b} ${a}`, [a, b]);
  }
  const linkable = await loadLinkable(tx, [...new Set([...alike.values()].flat())]);
  const matters = new Map(
    linkable.flatMap((record): [string, StoredMatter][] => {
      const [row, { dispute }] = [said.get(record.id), record];
      return row && dispute ? [[row.id, { ...row, record, dispute, disputeId: dispute.id, barrier: record }]] : [];
    }),
  );
  return [...alike.values()].flatMap(([a, b]): Pair[] => {
    const [one, other] = [matters.get(a), matters.get(b)];
    return one && other ? [[one, other]] : [];
  });
}
