/** Taking a message to send it: decided by the database, so that it holds for any number of workers. */
import { randomUUID } from 'node:crypto';
import type { Queryable } from '../platform/db.ts';
import { handOut } from './hand-out.ts';
import type { Look } from './lane.ts';
import type { MessageType } from './message-type.ts';
import { isBarred } from './receiver.ts';
import type { SigningScheme } from './secret.ts';

export interface Claim {
  readonly id: string;
  readonly holder: string;
  readonly messageId: string;
  readonly endpointId: string;
  readonly lane: string;
  readonly type: MessageType;
  readonly referralId: string | null;
  readonly disputeId: string | null;
  readonly body: Buffer;
  /** How often it has been tried before. */
  readonly attempts: number;
  /** Its endpoint is accused, since it was dispatched: it must not go. */
  readonly barred: boolean;
  /** Others may have been turned away for it. */
  readonly isCrowded: boolean;
  /** How often the endpoint had failed in a row. */
  readonly failures: number;
  readonly failingSince: Date | null;
  readonly signing: SigningScheme;
  readonly urlCipher: Buffer;
  /** The newest first; all good now. */
  readonly secretCiphers: readonly Buffer[];
}

/** Longer than any attempt takes, so that nobody else takes the message while it is under way. */
const LEASE_MS = 30_000;

/**
 * Messages under way to one endpoint: one that is slow must not keep every worker waiting. Processes that look at the same
 * moment see the same number, so there may be some more.
 */
const MOST_UNDER_WAY = 16;

/**
 * How many of the messages asked for an endpoint takes now: while it fails one, as a probe; otherwise as many as may still be
 * under way to it, and as its rate lets through in the second that begins.
 */
const TAKES = (
  now: string,
): string => `case when e.failures > 0 then 1 else least(many.count, ${MOST_UNDER_WAY} - many.under_way,
  1 + floor(extract(epoch from ${now}::timestamptz + interval '1 second' - greatest(e.free_at, ${now})) * e.rate_per_second)) end`;

/** The endpoint may be tried: it does not fail, or its next probe is due and nobody is at it; and its rate is not used up. */
const IS_OPEN = (now: string): string => `e.enabled
  and (e.failures = 0 or (e.next_probe_at <= ${now} and (e.probing_until is null or e.probing_until <= ${now})))
  and e.free_at <= ${now}::timestamptz + interval '1 second'`;

const UNDER_WAY = (endpoint: string, now: string): string =>
  `(select count(*) from delivery u where u.endpoint_id = ${endpoint} and u.leased_by is not null and u.leased_until > ${now})`;

const IS_FREE = (d: string, now: string): string => `${d}.status in ('PENDING', 'RETRYING')
  and ${d}.next_attempt_at <= ${now} and (${d}.leased_until is null or ${d}.leased_until <= ${now})`;

// The endpoints' rows first: of two claims at once the second waits for it and then sees that a probe is under way.
const CLAIM = `
with asked as (
  select d.id, d.endpoint_id, row_number() over (partition by d.endpoint_id order by d.attempts, d.position) as turn
  from delivery d where d.id = any ($1) and ${IS_FREE('d', '$2')}
), many as (
  select asked.endpoint_id, count(*) as count, ${UNDER_WAY('asked.endpoint_id', '$2')} as under_way
  from asked group by asked.endpoint_id
), open as (
  select e.id, e.organisation_id, e.failures, e.failing_since, e.signing, e.url_cipher, many.under_way, ${TAKES('$2')} as takes
  from many join webhook_endpoint e on e.id = many.endpoint_id where ${IS_OPEN('$2')} and many.under_way < ${MOST_UNDER_WAY}
  order by e.id for no key update of e
), begun as (
  update webhook_endpoint e set probing_until = case when e.failures > 0 then $3::timestamptz end,
    free_at = greatest(e.free_at, $2::timestamptz) + open.takes * interval '1 second' / e.rate_per_second
  from open where e.id = open.id
), free as (
  select d.id from asked join open on open.id = asked.endpoint_id join delivery d on d.id = asked.id
  where asked.turn <= open.takes and ${IS_FREE('d', '$2')} order by d.id for no key update of d skip locked
), taken as (
  update delivery d set leased_until = $3, leased_by = $4 from free where d.id = free.id
  returning d.id, d.message_id, d.endpoint_id, d.lane, d.type, d.referral_id, d.dispute_id, d.body, d.attempts
)
select taken.id, taken.message_id as "messageId", open.id as "endpointId", taken.lane, taken.type,
  taken.referral_id as "referralId", taken.dispute_id as "disputeId", taken.body, taken.attempts,
  ${isBarred('taken.dispute_id', 'o.path')} as barred, open.under_way + open.takes >= ${MOST_UNDER_WAY} as "isCrowded",
  open.failures, open.failing_since as "failingSince", open.signing, open.url_cipher as "urlCipher",
  array(
    select s.cipher from webhook_secret s
    where s.endpoint_id = open.id and (s.not_after is null or s.not_after > $2) order by s.id desc
  ) as "secretCiphers"
from taken join open on open.id = taken.endpoint_id join organisation o on o.id = open.organisation_id`;

/** The leases on messages that are due and may be sent now; null for one that may not, or that somebody else is at. */
export async function claimDeliveries(q: Queryable, ids: readonly string[], now: Date): Promise<(Claim | null)[]> {
  const holder = randomUUID();
  const rows = await q.query<Omit<Claim, 'holder'>>(CLAIM, [...[ids, now, new Date(now.getTime() + LEASE_MS), holder]]);
  return handOut(ids, rows, holder);
}

/** Of one endpoint, of those that do not fail: as many as its rate lets through before the next look, or more. */
const AT_ONCE = 200;

// The one tried least comes first: when it is one message that an endpoint chokes on, the next shows that the endpoint lives.
const DUE = `
select due.id, due.attempts from webhook_endpoint e
cross join lateral (
  select d.id, d.attempts from delivery d where d.endpoint_id = e.id and ${IS_FREE('d', '$1')}
  order by d.attempts, d.position limit case when e.failures > 0 then 1 else $3::integer end
) due
where ${IS_OPEN('$1')} and ${UNDER_WAY('e.id', '$1')} < ${MOST_UNDER_WAY} and ($2::text is null or e.id = $2)`;

/** What can be sent now; of an endpoint that fails, one message. */
export const findDueDeliveries = (
  q: Queryable,
  now: Date,
  endpointId: string | null = null,
  limit = AT_ONCE,
): Promise<Look[]> => q.query<Look>(DUE, [now, endpointId, limit]);
