/** Pages of what was sent, or waits to be, newest first; visible as the endpoints are. */
import type { Caller } from '../access/caller.ts';
import type { Queryable } from '../platform/db.ts';
import { coverage, coveredBy } from './endpoint.ts';
import { isBarred } from './receiver.ts';

export const DELIVERY_STATUSES = ['PENDING', 'WAITING', 'RETRYING', 'DELIVERED', 'FAILED', 'SKIPPED'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

export interface DeliverySearch {
  readonly ids?: readonly string[];
  readonly endpoint?: string;
  readonly status?: readonly string[];
  readonly referral?: string;
  readonly since?: Date;
  /** `position` of the last one seen. */
  readonly before?: number;
  readonly limit: number;
}

export interface ReadDelivery {
  readonly id: string;
  readonly endpointId: string;
  readonly messageId: string;
  readonly type: string;
  readonly sequence: number | null;
  readonly status: DeliveryStatus;
  readonly reason: string | null;
  readonly nextAttemptAt: Date | null;
  readonly referralId: string | null;
  readonly at: Date;
  /** What it is sorted by. */
  readonly position: number;
}

const COLUMNS = `d.id, d.endpoint_id as "endpointId", d.message_id as "messageId", d.type, d.sequence, d.status, d.reason,
  case when d.status in ('PENDING', 'RETRYING') then greatest(d.next_attempt_at, e.next_probe_at) end as "nextAttemptAt",
  d.referral_id as "referralId", d.created_at as at, d.position`;

/**
 * As many of each endpoint as the page could need, from the end of its index, and then the newest of all: what it costs does
 * not grow with what is stored.
 */
export function readDeliveries(q: Queryable, caller: Caller, search: DeliverySearch): Promise<ReadDelivery[]> {
  const values: unknown[] = [...coverage(caller)];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  // Who has been accused since is not even shown that there was something (domain rule 1).
  const conditions = [`not ${isBarred('d.dispute_id', '$2')}`];
  const where = (value: unknown, condition: (p: string) => string): void => {
    if (value !== undefined) conditions.push(condition(parameter(value)));
  };
  where(search.ids, (p) => `d.id = any (${p})`);
  where(search.referral, (p) => `d.referral_id = ${p}`);
  where(search.since, (p) => `d.created_at >= ${p}`);
  where(search.before, (p) => `d.position < ${p}::bigint`);
  const endpoint = search.endpoint === undefined ? 'true' : `e.id = ${parameter(search.endpoint)}`;
  const limit = parameter(search.limit);
  const statuses =
    search.status === undefined
      ? { from: '', is: 'true' }
      : {
          from: `cross join unnest(${parameter([...new Set(search.status)])}::text[]) as asked(status)`,
          is: 'd.status = asked.status',
        };
  return q.query<ReadDelivery>(
    `select ${COLUMNS}
     from webhook_endpoint e join organisation o on o.id = e.organisation_id ${statuses.from}
     cross join lateral (
       select * from delivery d where d.endpoint_id = e.id and ${[statuses.is, ...conditions].join(' and ')}
       order by d.position desc limit ${limit}
     ) d
     where ${coveredBy('o.path')} and ${endpoint}
     order by d.position desc limit ${limit}`,
    values,
  );
}

export interface ReadAttempt {
  readonly deliveryId: string;
  readonly at: Date;
  readonly httpStatus: number | null;
  readonly durationMs: number;
  readonly error: string | null;
  readonly responseExcerpt: string | null;
}

/** Of deliveries that the caller was shown, the oldest first. */
export async function readAttempts(
  q: Queryable,
  deliveryIds: readonly string[],
): Promise<ReadonlyMap<string, readonly ReadAttempt[]>> {
  const rows = await q.query<ReadAttempt>(
    `select delivery_id as "deliveryId", at, status as "httpStatus", duration_ms as "durationMs", error, excerpt as "responseExcerpt"
     from delivery_attempt where delivery_id = any ($1) order by delivery_id, id`,
    [deliveryIds],
  );
  const attempts = new Map<string, ReadAttempt[]>();
  for (const row of rows) attempts.set(row.deliveryId, [...(attempts.get(row.deliveryId) ?? []), row]);
  return attempts;
}
