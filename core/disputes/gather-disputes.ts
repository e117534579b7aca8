/** Reading in, second half: which dispute the records of a page tell of. By explicit cross-references and nothing else. */
import { refreshVisible } from '../access/visible.ts';
import type { Tx } from '../platform/db.ts';
import { idFromHash } from '../platform/id.ts';
import type { Keyring } from '../platform/keyring.ts';
import {
  describeDisputes,
  insertDisputes,
  insertLinks,
  mergeDisputes,
  redescribeDisputes,
  unlinkByRule,
  type DisputeContext,
  type NewLink,
  isTouched,
} from './dispute-row.ts';
import type { LinkableRecord, Reference } from './linkable-record.ts';
import { components } from './components.ts';
import { ofOneDispute, partAccusations, type Part } from './part-accusations.ts';
import { planDisputes } from './plan-disputes.ts';
import { tellLinked } from './tell-dispute.ts';

export const REFERENCE_RULE = 'rule:cross-reference/1';

// Both directions: what these records name, and who already named them before they came.
const EDGES = `select rr.record_id as a, t.id as b
from record_reference rr join record t on t.source = rr.source and t.number_hash = rr.number_hash and t.gone_at is null
where rr.record_id = any($1)
union
select rr.record_id, t.id
from record t join record_reference rr on rr.source = t.source and rr.number_hash = t.number_hash
where t.id = any($1)`;

// Before it is asked whether anybody has acted: a referral of one of these that is being opened or handed on at this moment holds
// the row (core/referrals/engine.ts), and is seen when it is through; the next one waits for us and sees the accusation that
// this page may bring. One order for all, so that no two wait for each other.
const HOLD = `
select from dispute where id in (
  select l.dispute_id from dispute_record l where l.record_id = any($1) and l.unlinked_at is null
) order by id for no key update`;

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
  /** Disputes that it has been in and is no more, whoever took it out. */
  readonly left: number;
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
const RECORDS = `select ${RECORD}, 0 as left,
  array(select office.path from organisation office where office.id = r.office_id
    union select office.path from dispute_record beside join record held on held.id = beside.record_id
      join organisation office on office.id = held.office_id
      where beside.dispute_id = d.id and beside.unlinked_at is null) as offices,
  case when r.accused_ids = '{}' and coalesce(d.accused_ids, '{}') = '{}' then '{}' else
    array(select accused.path from organisation accused
      where accused.id = any (r.accused_ids || coalesce(d.accused_ids, '{}'))) end as accused
${FROM}`;

const BY_THEMSELVES = `select ${RECORD},
  (select count(*) from dispute_record e where e.record_id = r.id and e.unlinked_at is not null) as left,
  array(select office.path from organisation office where office.id = r.office_id) as offices,
  array(select accused.path from organisation accused where accused.id = any (r.accused_ids)) as accused
${FROM}`;

// All that hangs together with these, by references or by a dispute; what has no category follows and leads no further.
const TOGETHER = `
with recursive together (id) as (
  select unnest($1::text[])
  union
  select near.id from together join record one on one.id = together.id
  cross join lateral (
    select named.id from record_reference f join record named on named.source = f.source and named.number_hash = f.number_hash
    where f.record_id = one.id
    union all
    select f.record_id from record_reference f where f.source = one.source and f.number_hash = one.number_hash
    union all
    select beside.record_id from dispute_record own
    join dispute_record beside on beside.dispute_id = own.dispute_id and beside.unlinked_at is null
    where own.record_id = one.id and own.unlinked_at is null
  ) near
  where one.category is not null and one.gone_at is null
)`;
const ALL_TOGETHER = `${TOGETHER} select id from together`;
const ACCUSING = `${TOGETHER}
select r.id from together join record r on r.id = together.id
where r.accused_ids <> '{}' and r.category is not null and r.gone_at is null`;

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

/** The same founder founds the same dispute; once taken out of one by a human, another, and once parted from one by rule, another. */
const disputeIdOf = (keyring: Keyring, { id, parted }: LinkableRecord, left = parted.length): string => {
  const time = left === parted.length ? String(left) : `${parted.length}/${left}`;
  return idFromHash('dsp', keyring.hash('index.hash', 'dispute', id, time));
};

interface StoredParting {
  /** Nothing else is planned for these. */
  readonly settled: ReadonlySet<string>;
  /** Records that leave the dispute that they are in. */
  readonly moved: readonly string[];
  readonly links: readonly NewLink[];
  readonly merged: readonly { readonly from: string; readonly into: string }[];
  /** Disputes that are founded. */
  readonly fresh: ReadonlySet<string>;
  /** Disputes that change. */
  readonly touched: readonly string[];
}

const NOTHING_PARTED: StoredParting = {
  ...{ settled: new Set(), moved: [], links: [], merged: [], fresh: new Set(), touched: [] },
};

/** What becomes of all that hangs together with these accusations; nothing is taken from under a human who has it in hand. */
async function partFromAccused(tx: Tx, keyring: Keyring, accusing: readonly string[]): Promise<StoredParting> {
  if (accusing.length === 0) return NOTHING_PARTED;
  const ids = (await tx.query<{ id: string }>(ALL_TOGETHER, [accusing])).map(({ id }) => id);
  const [, rows, references] = await Promise.all([
    tx.query(HOLD, [ids]),
    tx.query<LinkableRow>(BY_THEMSELVES, [ids]),
    tx.query<Reference>(EDGES, [ids]),
  ]);
  const records = components(rows.map(toLinkable), [...references, ...ofOneDispute(rows.map(toLinkable))])
    .filter((whole) => !whole.some(({ dispute }) => dispute?.touched))
    .flat();
  const { parts, moved, merged } = partAccusations(records, references);
  const rowOf = new Map(rows.map((row) => [row.id, row]));
  const fresh = new Set<string>();
  const idOf = new Map<Part, string>();
  for (const part of parts) {
    const [founder] = part.records;
    if (!founder) continue;
    const left = (rowOf.get(founder.id)?.left ?? 0) + (founder.dispute ? 1 : 0);
    const id = part.disputeId ?? disputeIdOf(keyring, founder, left);
    idOf.set(part, id);
    if (part.disputeId === null) fresh.add(id);
  }
  const links = moved.map(({ recordId, part }): NewLink => ({
    disputeId: idOf.get(part) ?? '',
    recordId,
    rule: part.disputeId === null && part.records[0]?.id === recordId ? 'FOUNDING' : 'CROSS_REFERENCE',
  }));
  const before = moved.flatMap(({ recordId }) => rowOf.get(recordId)?.disputeId ?? []);
  return {
    settled: new Set(records.map(({ id }) => id)),
    moved: moved.map(({ recordId }) => recordId),
    links,
    merged: merged.map(({ from, into }) => ({ from, into: idOf.get(into) ?? from })),
    fresh,
    touched: [...before, ...links.flatMap(({ disputeId }) => (fresh.has(disputeId) ? [] : [disputeId]))],
  };
}

/**
 * Under `JOIN_LOCK`, after the records and mentions are stored. `changed`: records new, changed or back; `gone`: records
 * that the department no longer holds. They stay with their dispute, but nobody sees it through them any more.
 */
export async function gatherDisputes(
  tx: Tx,
  context: DisputeContext,
  { changed, gone }: { readonly changed: readonly string[]; readonly gone: readonly string[] },
): Promise<void> {
  if (changed.length + gone.length === 0) return;
  const edges = changed.length === 0 ? [] : await tx.query<Reference>(EDGES, [changed]);
  const ids = new Set([...changed, ...gone, ...edges.flatMap(({ a, b }) => [a, b])]);
  const [, rows] = await Promise.all([tx.query(HOLD, [[...ids]]), tx.query<LinkableRow>(RECORDS, [[...ids]])]);
  const records = rows.map(toLinkable);
  // Most records name nobody and accuse nobody: nothing hangs together with them.
  const named = new Set(edges.flatMap(({ a, b }) => [a, b]));
  const bound = records.filter(({ id, dispute, accused }) => named.has(id) || dispute !== null || accused.length > 0);
  const accusing =
    changed.length === 0 || bound.length === 0
      ? []
      : await tx.query<{ id: string }>(ACCUSING, [bound.map(({ id }) => id)]);
  const parting = await partFromAccused(
    tx,
    context.keyring,
    accusing.map(({ id }) => id),
  );
  const plan = planDisputes(
    records.filter(({ id }) => !parting.settled.has(id)),
    edges.filter(({ a, b }) => !parting.settled.has(a) && !parting.settled.has(b)),
  );

  const links: NewLink[] = plan.linked.map((link) => ({ ...link, rule: 'CROSS_REFERENCE' }));
  const homeOf = new Map<string, string>();
  for (const [founder, ...others] of plan.founded) {
    if (!founder) continue;
    const disputeId = disputeIdOf(context.keyring, founder);
    links.push({ disputeId, recordId: founder.id, rule: 'FOUNDING' });
    for (const { id } of others) links.push({ disputeId, recordId: id, rule: 'CROSS_REFERENCE' });
    for (const { id } of [founder, ...others]) homeOf.set(id, disputeId);
  }
  for (const { recordId, founderId } of plan.following) {
    const disputeId = homeOf.get(founderId);
    if (disputeId !== undefined) links.push({ disputeId, recordId, rule: 'CROSS_REFERENCE' });
  }

  links.push(...parting.links);
  for (const { disputeId, recordId } of parting.links)
    if (parting.fresh.has(disputeId)) homeOf.set(recordId, disputeId);

  const fresh = new Set(homeOf.values());
  const homes = links.filter(({ disputeId }) => fresh.has(disputeId));
  const described = fresh.size > 0 ? await describeDisputes(tx, [], homes) : new Map();
  await unlinkByRule(tx, parting.moved, REFERENCE_RULE, context.now);
  const merged = [...plan.merged, ...parting.merged];
  const moved = await mergeDisputes(tx, merged, REFERENCE_RULE, context.now);
  // In this order, without waiting for answers: while these are stored it is worked out what has changed of the others.
  const stored = Promise.all([
    insertDisputes(tx, context, described),
    insertLinks(tx, links, REFERENCE_RULE, context.now),
  ]);

  const touched = new Set([...changed, ...gone]);
  const present = records.flatMap(({ id, dispute }) => (dispute && touched.has(id) ? [dispute.id] : []));
  const known = new Set([
    ...present,
    ...plan.linked.map(({ disputeId }) => disputeId),
    ...merged.flatMap(({ from, into }) => [from, into]),
    ...parting.touched,
  ]);
  await Promise.all([stored, redescribeDisputes(tx, context, [...known])]);
  // Those merged away too: nobody may see the rest of them.
  refreshVisible(tx, [...new Set([...known, ...fresh])]);
  if (!context.quiet) await tellLinked(tx, context.now, [...moved, ...plan.linked, ...parting.links]);
}
