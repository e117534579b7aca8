/**
 * Proposals of what might be one dispute, kept in line with what they stand on (比对排查). Whatever changes a record or its dispute leaves its
 * id in `dispute_link_waiting`, in its own transaction; who was joined or parted is read from `joining`. Both are worked off here, some
 * hundred records at a time, each lot in a transaction with what it means: it can stop anywhere and go on, here or in another process.
 */
import { refreshVisible } from '../access/visible.ts';
import { audit } from '../audit/audit.ts';
import { JOIN_LOCK } from '../people/join-people.ts';
import type { Clock } from '../platform/clock.ts';
import type { Db, Tx } from '../platform/db.ts';
import { withRoomyHeap } from '../platform/heap.ts';
import type { Keyring } from '../platform/keyring.ts';
import {
  betweenDisputes,
  chooseJoins,
  chooseLinks,
  mayJoinItself,
  type CandidateLink,
  type SelfJoining,
} from './candidate-link.ts';
import { findBeside, loadPairs, type StoredMatter } from './comparable-row.ts';
import { mergeDisputes, redescribeDisputes } from './dispute-row.ts';
import { insertProposals, keepProposals, loadProposals, toProposal } from './link-proposal-row.ts';
import type { LinkRule } from './link-rule.ts';
import { areApart, type LinkedDispute } from './linkable-record.ts';
import { holdDisputesOf } from './linkable-row.ts';
import { tellLinked } from './tell-dispute.ts';
import { waitForComparing } from './wait-for-comparing.ts';

/** As `dispute_record.linked_by` has it. */
export const COMPARED_RULE = 'rule:compared/1';

export interface CompareDisputesOptions {
  readonly signal?: AbortSignal;
  /** Records and changes of persons that are still to be looked at. */
  readonly onProgress?: (waiting: number) => void;
}

export interface DisputeComparing {
  /** Whether anything waits, and neither a first load nor the comparing of people is under way that would have it wait again. */
  mustCompare(): Promise<boolean>;
  /** Until nothing waits; how many records were looked at. */
  compare(options?: CompareDisputesOptions): Promise<number>;
}

export interface DisputeComparingDeps {
  readonly db: Db;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly rule: LinkRule;
  readonly selfJoining: readonly SelfJoining[];
}

const AT_ONCE = 500;

const MUST_COMPARE = `
select (exists (select from dispute_link_waiting)
    or exists (select from joining where id > (select joined_through from dispute_link_progress))
    or exists (select from dispute_link_progress where version <> $1) and exists (select from joining))
  and not exists (select from match_waiting)
  and not exists (select from source_feed where loaded_at is null and leased_until > $2) as must`;

const WAITING = 'select record_id as id from dispute_link_waiting order by around, record_id limit $1';
const LOOKED_AT = 'delete from dispute_link_waiting where record_id = any($1)';

// In the order in which they were committed: whoever joins or parts holds `JOIN_LOCK` to the end of the transaction.
const JOINED = `
select j.id, m.record_id as "recordId" from joining j join mention m on m.id = j.mention_id
where j.id > (select joined_through from dispute_link_progress) order by j.id limit $1`;
const THROUGH = 'update dispute_link_progress set joined_through = $1';

const LEFT = `
select (select count(*) from dispute_link_waiting)
  + (select count(*) from joining where id > (select joined_through from dispute_link_progress)) as count`;

// Open ones of another version are looked at again, and so is everybody who is one of several: each record once, and those of one person
// one after another, for they are read together.
const BEGIN_AGAIN = `
with again as (
  update dispute_link_progress set joined_through = coalesce((select max(id) from joining), 0), version = $1 where version <> $1
  returning true
), several as (
  select person_id from mention where gone_at is null and person_id is not null and (select true from again)
  group by person_id having count(*) > 1
)
insert into dispute_link_waiting (record_id, around)
select m.record_id, min(m.person_id) from several
join mention m on m.person_id = several.person_id and m.gone_at is null
join record r on r.id = m.record_id and r.category is not null and r.gone_at is null
group by m.record_id
union all
select record_id, '' from dispute_link_proposal where status = 'OPEN' and (select true from again)
on conflict do nothing`;

type StoredLink = CandidateLink<StoredMatter>;

/** What is wanted between these records' disputes and others, but for what humans have said no to. */
async function findLinks(
  tx: Tx,
  recordIds: readonly string[],
  rule: LinkRule,
): Promise<{ links: Map<string, StoredLink>; stored: Awaited<ReturnType<typeof loadProposals>> }> {
  const pairs = await loadPairs(tx, recordIds, rule);
  const links = chooseLinks(
    pairs.filter(([a, b]) => !areApart(a.record, b.record)),
    rule,
  );
  // Also those about others of the same disputes: who has said no to one record has said it of the dispute.
  const others = [...links.values()].flatMap(({ record, beside }) => [record.id, beside.id]);
  const stored = await loadProposals(tx, await findBeside(tx, [...new Set([...recordIds, ...others])]));
  for (const { status, key } of stored) if (status === 'REJECTED' && key !== null) links.delete(key);
  return { links, stored };
}

const isOlder = (a: LinkedDispute, b: LinkedDispute): boolean =>
  a.openedAt < b.openedAt || (a.openedAt === b.openedAt && a.id < b.id);

/** Joined as by a cross-reference; what a human has had in hand is not. */
async function joinThemselves(
  tx: Tx,
  { keyring, rule, selfJoining }: DisputeComparingDeps,
  now: Date,
  candidates: readonly StoredLink[],
): Promise<readonly StoredLink[]> {
  const ids = candidates.flatMap(({ record, beside }) => [record.id, beside.id]);
  if (ids.length === 0) return [];
  await holdDisputesOf(tx, ids);
  // Whether there is a choice is known only when all of both disputes are looked at, as they are held now.
  const { links } = await findLinks(tx, await findBeside(tx, ids), rule);
  const wanted = new Set(candidates.map(({ record, beside }) => betweenDisputes(record.disputeId, beside.disputeId)));
  const joins = chooseJoins([...links.values()], selfJoining, rule).filter(
    ({ record, beside }) =>
      wanted.has(betweenDisputes(record.disputeId, beside.disputeId)) &&
      !record.dispute.touched &&
      !beside.dispute.touched,
  );
  if (joins.length === 0) return [];
  const merged = joins.map(({ record, beside }) => {
    const [into, from] = isOlder(record.dispute, beside.dispute) ? [record, beside] : [beside, record];
    return { from: from.disputeId, into: into.disputeId };
  });
  const moved = await mergeDisputes(tx, merged, COMPARED_RULE, now, { rule: 'COMPARED', reason: null });
  const disputes = merged.flatMap(({ from, into }) => [from, into]);
  await redescribeDisputes(tx, { keyring, now }, disputes);
  refreshVisible(tx, disputes);
  await insertProposals(
    tx,
    joins.map((link) => toProposal(link, 'ACCEPTED')),
    rule.version,
    now,
  );
  const intoOf = new Map(merged.map(({ from, into }) => [from, into]));
  await audit.append(
    tx,
    ...moved.map(({ disputeId, recordId }) => ({
      ...{ kind: 'record.linked', subject: disputeId, actor: null, at: now },
      body: { record: recordId, rule: COMPARED_RULE, by: rule.version },
    })),
  );
  // Of what was there when the first loads were over nobody is told: it would be a message for much of the county.
  const news = new Set(
    joins
      .filter(({ record, beside }) => record.isNews || beside.isNews)
      .map(({ record, beside }) => intoOf.get(record.disputeId) ?? intoOf.get(beside.disputeId)),
  );
  await tellLinked(
    tx,
    now,
    moved.filter(({ disputeId }) => news.has(disputeId)),
  );
  // What else was proposed of them is of one dispute now.
  await waitForComparing(
    tx,
    moved.map(({ recordId }) => recordId),
  );
  return joins;
}

async function compareLot(tx: Tx, deps: DisputeComparingDeps): Promise<number> {
  const { rule, selfJoining } = deps;
  await tx.lock(JOIN_LOCK);
  await tx.query(BEGIN_AGAIN, [rule.version]);
  const waiting = (await tx.query<{ id: string }>(WAITING, [AT_ONCE])).map(({ id }) => id);
  const joined = await tx.query<{ id: string; recordId: string }>(JOINED, [AT_ONCE]);
  const looked = [...new Set([...waiting, ...joined.map(({ recordId }) => recordId)])];
  if (looked.length === 0) return 0;
  const now = deps.clock.wall();
  await tx.query(LOOKED_AT, [waiting]);
  const last = joined.at(-1);
  if (last) await tx.query(THROUGH, [last.id]);
  const records = await findBeside(tx, looked);
  const { links, stored } = await findLinks(tx, records, rule);
  const candidates = [...links.values()].filter((link) => mayJoinItself(link, selfJoining, rule));
  const joins = await joinThemselves(tx, deps, now, candidates);
  for (const { record, beside } of joins) links.delete(betweenDisputes(record.disputeId, beside.disputeId));
  const own = new Set(records);
  const about = stored.filter(({ recordId, besideId }) => own.has(recordId) || own.has(besideId));
  await keepProposals(tx, now, rule, { stored: about, wanted: links });
  return looked.length;
}

export function createDisputeComparing(deps: DisputeComparingDeps): DisputeComparing {
  const { db, clock, rule } = deps;
  return {
    mustCompare: async () => (await db.one<{ must: boolean }>(MUST_COMPARE, [rule.version, clock.wall()])).must,
    compare: ({ signal, onProgress } = {}) =>
      withRoomyHeap(async () => {
        let done = 0;
        while (!signal?.aborted) {
          const lot = await db.tx((tx) => compareLot(tx, deps));
          if (lot === 0) break;
          done += lot;
          if (onProgress) onProgress((await db.one<{ count: number }>(LEFT, [])).count);
        }
        return done;
      }),
  };
}
