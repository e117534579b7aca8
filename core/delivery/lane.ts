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

/** To the end of the transaction. Always in the same order, so that two never wait for each other. */
export async function lockLanes(tx: Queryable, lanes: readonly Lane[]): Promise<void> {
  await tx.query(LOCK, columns(lanes));
}

const MOVE_ON = `
update delivery d set status = 'PENDING', next_attempt_at = $3
from (select distinct endpoint_id, lane from unnest($1::text[], $2::text[]) as g(endpoint_id, lane)) given
cross join lateral (
  select w.id from delivery w
  where w.endpoint_id = given.endpoint_id and w.lane = given.lane and w.status = 'WAITING'
  order by w.position limit 1
) first
where d.id = first.id and not exists (
  select from delivery f where f.endpoint_id = given.endpoint_id and f.lane = given.lane
    and f.status in ('PENDING', 'RETRYING', 'FAILED'))
returning d.id, d.attempts`;

/** Where nothing is at the front, the first that waits comes to it. Under the lock of `lockLanes`, in a statement of its own. */
export const moveOn = (tx: Queryable, lanes: readonly Lane[], now: Date): Promise<Look[]> =>
  tx.query<Look>(MOVE_ON, [...columns(lanes), now]);
