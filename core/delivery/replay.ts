/** What a human decides about messages: send again, or leave one out so that those behind it go on. */
import type { Caller } from '../access/caller.ts';
import { audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { AppError, badInput } from '../platform/errors.ts';
import { assertMayArrange, coverage, coveredBy } from './endpoint.ts';
import { isBarred } from './receiver.ts';
import { lockLanes, lookOf, moveOn, type Look } from './lane.ts';

export interface ReplayDeps {
  readonly clock: Pick<Clock, 'wall'>;
}

export const REPLAYABLE = ['FAILED', 'DELIVERED', 'SKIPPED'] as const;
export type Replayable = (typeof REPLAYABLE)[number];

/** Of one range at once. */
export const MOST_REPLAYED = 1_000;
const MOST_REASON = 500;

interface Row {
  readonly id: string;
  readonly endpointId: string;
  readonly lane: string;
  readonly referralId: string | null;
  readonly disputeId: string | null;
}

const ROW = 'd.id, d.endpoint_id as "endpointId", d.lane, d.referral_id as "referralId", d.dispute_id as "disputeId"';

/** Under which auditors find it, and by which an accusation's are kept from them. */
const aboutOf = (row: Row | undefined): string[] => [row?.referralId, row?.disputeId].flatMap((id) => id ?? []);

async function rowFor(q: Queryable, caller: Caller, id: string): Promise<Row> {
  const row = await q.maybeOne<Row>(
    `select ${ROW} from delivery d join webhook_endpoint e on e.id = d.endpoint_id
     join organisation o on o.id = e.organisation_id where ${coveredBy('o.path')} and d.id = $4 and not ${isBarred('d.dispute_id', '$2')}`,
    [...coverage(caller), id],
  );
  if (!row) throw new AppError('NOT_FOUND', 'There is no such delivery, or not for you.');
  return row;
}

// The same webhook-id and bytes, to its old place in the lane; tried as if for the first time.
const QUEUE = `
update delivery set status = 'WAITING', reason = null, attempts = 0, next_attempt_at = null
where id = any ($1) and status = any ($2) returning id`;

async function queueAgain(
  tx: Tx,
  { clock }: ReplayDeps,
  caller: Caller,
  rows: readonly Row[],
  from: readonly Replayable[],
) {
  const at = clock.wall();
  await lockLanes(tx, rows);
  const queued = await tx.query<{ id: string }>(QUEUE, [rows.map(({ id }) => id), from]);
  const asked = new Map(rows.map((row) => [row.id, row]));
  const entries = queued.map(({ id }) => ({
    ...{ kind: 'delivery.replayed', subject: id, actor: caller, at },
    body: { endpoint: asked.get(id)?.endpointId },
    about: aboutOf(asked.get(id)),
  }));
  await audit.append(tx, ...entries);
  return { count: queued.length, looks: (await moveOn(tx, rows, at)).map(lookOf) };
}

export interface Replayed {
  readonly count: number;
  /** Queue these after the commit. */
  readonly looks: readonly Look[];
}

/** Sends one again. Throws CONFLICT when it is still queued, NOT_FOUND. */
export async function replayDelivery(tx: Tx, deps: ReplayDeps, caller: Caller, id: string): Promise<Replayed> {
  assertMayArrange(caller);
  const replayed = await queueAgain(tx, deps, caller, [await rowFor(tx, caller, id)], REPLAYABLE);
  if (replayed.count === 0) throw new AppError('CONFLICT', 'This message is queued already.');
  return replayed;
}

/** Those of one endpoint since then, the oldest first; at most MOST_REPLAYED, and a second call for what is left. */
export async function replayRange(
  tx: Tx,
  deps: ReplayDeps,
  caller: Caller,
  { endpoint, since, status }: { readonly endpoint: string; readonly since: Date; readonly status: Replayable },
): Promise<Replayed> {
  assertMayArrange(caller);
  if (!REPLAYABLE.includes(status)) throw badInput('status', 'FAILED, DELIVERED or SKIPPED.');
  const found = await tx.maybeOne(
    `select e.id from webhook_endpoint e join organisation o on o.id = e.organisation_id where ${coveredBy('o.path')} and e.id = $4`,
    [...coverage(caller), endpoint],
  );
  if (!found) throw new AppError('NOT_FOUND', 'There is no such endpoint, or not for you.');
  const rows = await tx.query<Row>(
    `select ${ROW} from delivery d where d.endpoint_id = $1 and d.status = $2 and d.created_at >= $3 and not ${isBarred('d.dispute_id', '$5')} order by d.position limit $4`,
    [endpoint, status, since, MOST_REPLAYED, caller.organisation.path],
  );
  return rows.length === 0 ? { count: 0, looks: [] } : queueAgain(tx, deps, caller, rows, [status]);
}

const SKIP = `
with skipped as (
  update delivery set status = 'SKIPPED', reason = $2, next_attempt_at = null, leased_by = null, leased_until = null
  where id = $1 and status in ('PENDING', 'WAITING', 'RETRYING', 'FAILED') and (leased_until is null or leased_until <= $3)
  returning id
), done as (
  update desk_task t set done_at = $3 from skipped where t.delivery_id = skipped.id and t.done_at is null
)
select id from skipped`;

/** Leaves one out; those behind it go on. Throws CONFLICT when it is over, or being sent at this moment. */
export async function skipDelivery(
  tx: Tx,
  { clock }: ReplayDeps,
  caller: Caller,
  id: string,
  reason: string,
): Promise<Look[]> {
  assertMayArrange(caller);
  const said = reason.trim();
  if (said === '' || said.length > MOST_REASON) throw badInput('reason', 'Say why, in 1 to 500 characters.');
  const row = await rowFor(tx, caller, id);
  const at = clock.wall();
  await lockLanes(tx, [row]);
  const skipped = await tx.maybeOne(SKIP, [id, said, at]);
  if (!skipped)
    throw new AppError('CONFLICT', 'This message is over, or it is being sent at this moment.', { retryable: true });
  // Why, stands with the message: words of somebody's, which the log would keep for ever.
  const body = { endpoint: row.endpointId };
  await audit.append(tx, { kind: 'delivery.skipped', subject: id, actor: caller, at, body, about: aboutOf(row) });
  return (await moveOn(tx, [row], at)).map(lookOf);
}
