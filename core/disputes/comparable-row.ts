/** Records as they are compared for what might be one dispute, as the database has them. */
import { isViolent } from '../access/predicate.ts';
import type { Tx } from '../platform/db.ts';
import type { LinkableMatter } from './candidate-link.ts';
import { judgeLink, partiesOf } from './judge-link.ts';
import type { LinkRule } from './link-rule.ts';
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

// Each by its index, one after another (`offset 0` has it so): nobody can guess how many there will be, and a plan for many reads the whole
// county. One more than are followed, to know whom not to follow.
const STANDING = `
select distinct m.person_id as "personId" from unnest($1::text[]) as asked (id)
cross join lateral (select person_id from mention where record_id = asked.id and gone_at is null and person_id is not null offset 0) m`;
const RECORDS_OF = `
select who.id as "personId", m.record_id as "recordId" from unnest($1::text[]) as who (id)
cross join lateral (select record_id from mention where person_id = who.id and gone_at is null limit $2) m`;

const SAID = `
select r.id, r.source, r.kind, r.category, r.occurred_at as at, o.path as "placePath", l.dispute_id as "disputeId",
  r.source = 'CENTRE' or r.changed_at > feed.loaded_at as "isNews",
  coalesce((select jsonb_agg(jsonb_build_object('personId', m.person_id, 'role', m.role) order by m.ref)
    from mention m where m.record_id = r.id and m.gone_at is null and m.person_id is not null), '[]') as named
from unnest($1::text[]) as asked (id)
cross join lateral (select * from record where record.id = asked.id and category is not null and gone_at is null offset 0) r
cross join lateral (select dispute_id from dispute_record where record_id = r.id and unlinked_at is null offset 0) l
cross join lateral (select * from dispute where dispute.id = l.dispute_id offset 0) d
left join organisation o on o.id = r.place_id left join source_feed feed on feed.source = r.source
where ${isComparable('r', 'd')}`;

interface SaidRow {
  readonly id: string;
  readonly source: string;
  readonly kind: string;
  readonly category: string;
  readonly at: Date;
  readonly placePath: string | null;
  readonly disputeId: string;
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

type Said = Omit<LinkableMatter, 'barrier'> & { readonly isNews: boolean };

/** By id; of those that may be compared. */
const loadSaid = async (tx: Tx, recordIds: readonly string[]): Promise<Map<string, Said>> =>
  new Map(
    (await tx.query<SaidRow>(SAID, [recordIds])).map(({ named, at, isNews, ...row }) => [
      row.id,
      { ...row, at: at.getTime(), isNews: isNews === true, parties: partiesOf(row.source, named) },
    ]),
  );

/** Records by person, of everybody who stands on one of these and is followed. */
async function findRecordsOf(tx: Tx, recordIds: readonly string[], { mostRecords }: LinkRule): Promise<string[][]> {
  const persons = (await tx.query<{ personId: string }>(STANDING, [recordIds])).map(({ personId }) => personId);
  const of = new Map<string, string[]>();
  for (const { personId, recordId } of await tx.query<{ personId: string; recordId: string }>(RECORDS_OF, [
    persons,
    mostRecords + 1,
  ])) {
    const known = of.get(personId);
    if (known) known.push(recordId);
    else of.set(personId, [recordId]);
  }
  return [...of.values()].filter(({ length }) => length > 1 && length <= mostRecords);
}

/**
 * Each two records of different disputes, one of them among these, that compare as one; each two once. Under `JOIN_LOCK`.
 */
export async function loadPairs(tx: Tx, recordIds: readonly string[], rule: LinkRule): Promise<readonly Pair[]> {
  const together = await findRecordsOf(tx, recordIds, rule);
  if (together.length === 0) return [];
  const seeds = new Set(recordIds);
  const said = await loadSaid(tx, [...new Set(together.flat())]);
  const alike = new Map<string, readonly [string, string]>();
  for (const records of together) {
    const known = [...new Set(records)].flatMap((id) => said.get(id) ?? []);
    for (const a of known) {
      if (!seeds.has(a.id)) continue;
      for (const b of known)
        if (a.disputeId !== b.disputeId && judgeLink(a, b, rule))
          alike.set(a.id < b.id ? `${a.id} ${b.id}` : `${b.id} ${a.id}`, [a.id, b.id]);
    }
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
