/** Records and what they name, as the database has them, for planning which dispute each belongs to. */
import type { Tx } from '../platform/db.ts';
import { isTouched } from './dispute-row.ts';
import type { LinkableRecord, Reference } from './linkable-record.ts';

// Both directions: what these records name, and who already named them before they came.
const EDGES = `select rr.record_id as a, t.id as b
from record_reference rr join record t on t.source = rr.source and t.number_hash = rr.number_hash and t.gone_at is null
where rr.record_id = any($1)
union
select rr.record_id, t.id
from record t join record_reference rr on rr.source = t.source and rr.number_hash = t.number_hash
where t.id = any($1)`;

export const loadReferences = (tx: Tx, recordIds: readonly string[]): Promise<Reference[]> =>
  tx.query<Reference>(EDGES, [recordIds]);

// Before it is asked whether anybody has acted: a referral of one of these that is being opened or handed on at this moment holds
// the row (core/referrals/engine.ts), and is seen when it is through; the next one waits for us and sees the accusation that
// this page may bring. One order for all, so that no two wait for each other.
const HOLD = `
select from dispute where id in (
  select l.dispute_id from dispute_record l where l.record_id = any($1) and l.unlinked_at is null
) order by id for no key update`;

/** The disputes that these records are in, to the end of the transaction. */
export const holdDisputesOf = (tx: Tx, recordIds: readonly string[]): Promise<unknown> => tx.query(HOLD, [recordIds]);

interface LinkableRow {
  readonly id: string;
  readonly category: string | null;
  readonly at: Date;
  readonly gone: boolean;
  readonly disputeId: string | null;
  readonly touched: boolean;
  readonly openedAt: Date | null;
  readonly parted: readonly string[];
  readonly offices: readonly string[];
  readonly accused: readonly string[];
}

const RECORD = `r.id, r.category, r.occurred_at as at, r.gone_at is not null as gone,
  d.id as "disputeId", ${isTouched('d')} as touched, d.opened_at as "openedAt",
  array(select coalesce(x.survivor_id, x.id) from dispute_record u join dispute x on x.id = u.dispute_id
    where u.record_id = r.id and u.unlinked_at is not null and u.unlinked_by not like 'rule:%') as parted`;
const FROM = `from record r
left join dispute_record l on l.record_id = r.id and l.unlinked_at is null
left join dispute d on d.id = l.dispute_id
where r.id = any($1)`;

// With who holds and who is accused in all of the dispute that each is in.
const RECORDS = `select ${RECORD},
  array(select office.path from organisation office where office.id = r.office_id
    union select office.path from dispute_record beside join record held on held.id = beside.record_id
      join organisation office on office.id = held.office_id
      where beside.dispute_id = d.id and beside.unlinked_at is null
    -- Who has it in hand would lose that as well, and know.
    union select office.path from referral f join referral_party party on party.referral_id = f.id
      join organisation office on office.id = party.organisation_id where f.dispute_id = d.id) as offices,
  case when r.accused_ids = '{}' and coalesce(d.accused_ids, '{}') = '{}' then '{}' else
    array(select accused.path from organisation accused
      where accused.id = any (r.accused_ids || coalesce(d.accused_ids, '{}'))) end as accused
${FROM}`;

const BY_THEMSELVES = `select ${RECORD},
  (select count(*) from dispute_record e where e.record_id = r.id and e.unlinked_at is not null) as left,
  array(select office.path from organisation office where office.id = r.office_id) as offices,
  array(select accused.path from organisation accused where accused.id = any (r.accused_ids)) as accused
${FROM}`;

// All that hangs together with these, by a dispute or by references. What has no category follows what it names, and what is gone
// names nothing any more: they lead no further.
const TOGETHER = `
with recursive together (id) as (
  select unnest($1::text[])
  union
  select near.id from together join record one on one.id = together.id
  cross join lateral (
    select named.id from record_reference f join record named on named.source = f.source and named.number_hash = f.number_hash
    where f.record_id = one.id and one.category is not null and one.gone_at is null
    union all
    select f.record_id from record_reference f
    where f.source = one.source and f.number_hash = one.number_hash and one.category is not null and one.gone_at is null
    union all
    select beside.record_id from dispute_record own
    join dispute_record beside on beside.dispute_id = own.dispute_id and beside.unlinked_at is null
    where own.record_id = one.id and own.unlinked_at is null
  ) near
)`;
const ALL_TOGETHER = `${TOGETHER} select id from together`;
const ACCUSING = `${TOGETHER}
select r.id from together join record r on r.id = together.id
where r.accused_ids <> '{}' and r.category is not null`;

const toLinkable = (row: LinkableRow): LinkableRecord => ({
  id: row.id,
  category: row.category,
  at: row.at.getTime(),
  gone: row.gone,
  dispute:
    row.disputeId === null || row.openedAt === null
      ? null
      : { id: row.disputeId, touched: row.touched, openedAt: row.openedAt.getTime() },
  ...{ parted: row.parted, offices: row.offices, accused: row.accused },
});

/** A record by itself, and how often it has left a dispute. */
export interface LinkableAlone {
  readonly record: LinkableRecord;
  readonly left: number;
}

export const loadLinkable = async (tx: Tx, recordIds: readonly string[]): Promise<LinkableRecord[]> =>
  (await tx.query<LinkableRow>(RECORDS, [recordIds])).map(toLinkable);

/** With its own office and its own accused only. */
export const loadLinkableAlone = async (tx: Tx, recordIds: readonly string[]): Promise<LinkableAlone[]> =>
  (await tx.query<LinkableRow & { readonly left: number }>(BY_THEMSELVES, [recordIds])).map((row) => ({
    record: toLinkable(row),
    left: row.left,
  }));

const idsOf = (rows: readonly { readonly id: string }[]): string[] => rows.map(({ id }) => id);

/** All that hangs together with these. */
export const findTogether = async (tx: Tx, recordIds: readonly string[]): Promise<string[]> =>
  idsOf(await tx.query<{ id: string }>(ALL_TOGETHER, [recordIds]));

/** The accusations among all that hangs together with these. */
export const findAccusing = async (tx: Tx, recordIds: readonly string[]): Promise<string[]> =>
  idsOf(await tx.query<{ id: string }>(ACCUSING, [recordIds]));
