/**
 * Lanes: one referral's messages to one endpoint, in order, one at a time. The front of a lane is PENDING or RETRYING, or FAILED
 * and waits for a human; all behind it are WAITING. A unique index keeps the database to that.
 */
import type { Queryable } from '../platform/db.ts';

export interface Lane {
  readonly endpointId: string;
  readonly lane: string;
}

/** What a job looks at: a message, and how often it has been tried. */
export interface Look {
  readonly id: string;
  readonly attempts: number;
}

const LOCK = `
select from webhook_lane l
join (select distinct endpoint_id, lane from unnest($1::text[], $2::text[]) as g(endpoint_id, lane)) given
  on given.endpoint_id = l.endpoint_id and given.lane = l.lane
order by l.endpoint_id, l.lane for update of l`;

const columns = (lanes: readonly Lane[]) => [lanes.map(({ endpointId }) => endpointId), lanes.map(({ lane }) => lane)];

/** To the end of the transaction: who adds to them, or changes what waits in them, waits. Always in the same order, so that two never wait for each other. */
export async function lockLanes(tx: Queryable, lanes: readonly Lane[]): Promise<void> {
  await tx.query(LOCK, columns(lanes));
}

const MOVE_ON = `
update delivery d set status = 'PENDING', next_attempt_at = $3
from (select distinct endpoint_id, lane from unnest($1::text[], $2::text[]) as g(endpoint_id, lane) order by 1, 2) given
cross join lateral (
  select w.id from delivery w
  where w.endpoint_id = given.endpoint_id and w.lane = given.lane and w.status = 'WAITING'
  order by w.position limit 1
) first
where d.id = first.id and d.status = 'WAITING' and not exists (
  select from delivery f where f.endpoint_id = given.endpoint_id and f.lane = given.lane
    and f.status in ('PENDING', 'RETRYING', 'FAILED'))
returning d.id, d.attempts, d.endpoint_id as "endpointId", d.lane`;

/** A message that has come to the front of its lane. */
export interface Front extends Look, Lane {}

export const lookOf = ({ id, attempts }: Look): Look => ({ id, attempts });

/**
 * Where nothing is at the front, the first that waits comes to it. It sees what was stored before: who has added to a lane or
 * settled its front calls it after that is committed, so that of two at the same moment the later one sees both.
 */
export const moveOn = (q: Queryable, lanes: readonly Lane[], now: Date): Promise<Front[]> =>
  q.query<Front>(MOVE_ON, [...columns(lanes), now]);

const STUCK = `
select distinct w.endpoint_id as "endpointId", w.lane from delivery w
where w.status = 'WAITING' and not exists (
  select from delivery f where f.endpoint_id = w.endpoint_id and f.lane = w.lane and f.status in ('PENDING', 'RETRYING', 'FAILED'))
limit 1000`;

/** Lanes in which something waits behind nothing: whoever was to move them on has not lived to do it. */
export const findStuckLanes = (q: Queryable): Promise<Lane[]> => q.query<Lane>(STUCK, []);
