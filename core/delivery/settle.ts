/** Writes down what became of an attempt: message, attempt, endpoint, audit entry and what is to be told, or nothing at all. Then its lane goes on. */
import { appendEntries, entryRows, type AuditEntry } from '../audit/audit.ts';
import type { Db, Queryable, Tx } from '../platform/db.ts';
import type { Claim } from './claim.ts';
import { disableEndpoint, type DisabledReason } from './disable.ts';
import { lookOf, moveOn, type Look } from './lane.ts';
import { audienceOf } from './message-type.ts';
import { tellKeepers } from './notice.ts';

export interface Attempt {
  readonly status: number | null;
  readonly durationMs: number;
  readonly error: string | null;
  readonly excerpt: string | null;
}

/** How the endpoint stands after it. */
export interface Health {
  readonly failures: number;
  readonly failingSince: Date | null;
  readonly nextProbeAt: Date | null;
}

export interface Verdict {
  readonly status: 'DELIVERED' | 'RETRYING' | 'FAILED' | 'SKIPPED';
  readonly reason: string | null;
  readonly nextAttemptAt: Date | null;
  /** Null when nothing was sent. */
  readonly attempt: Attempt | null;
  /** Null: the attempt says nothing of it. */
  readonly health: Health | null;
  /** A failure counts once, however many were under way: only when nobody else has changed the endpoint's health since. */
  readonly isHealthCertain: boolean;
  /** Its probes are used up. */
  readonly isExhausted: boolean;
  readonly disable: DisabledReason | null;
}

// One statement, so one transaction: nearly every message arrives at the first attempt, and this is all there is to store of it.
const STORE = `
with stored as (
  update delivery set status = $3, reason = $4, next_attempt_at = $5, leased_until = null, leased_by = null,
    attempts = attempts + ($6::jsonb is not null)::integer
  where id = $1 and leased_by = $2 returning id, endpoint_id, attempts
), attempt as (
  insert into delivery_attempt (delivery_id, at, status, duration_ms, error, excerpt)
  select stored.id, $7, a.status, a."durationMs", a.error, a.excerpt
  from stored cross join jsonb_to_record($6::jsonb) as a(status integer, "durationMs" integer, error text, excerpt text)
  where $6::jsonb is not null
), health as (
  update webhook_endpoint e set probing_until = null,
    failures = coalesce(($8::jsonb->>'failures')::integer, e.failures),
    failing_since = case when $8::jsonb is null then e.failing_since else ($8::jsonb->>'failingSince')::timestamptz end,
    next_probe_at = case when $8::jsonb is null then e.next_probe_at else ($8::jsonb->>'nextProbeAt')::timestamptz end
  from stored where e.id = stored.endpoint_id and (e.failures = $9 or $10) and ($8::jsonb is not null or $9 > 0)
    and (e.failures > 0 or e.probing_until is not null or ($8::jsonb->>'failures')::integer > 0)
), done as (
  update desk_task t set done_at = $7 from stored
  where t.delivery_id = stored.id and t.done_at is null and $3 in ('DELIVERED', 'SKIPPED')
), written as (${appendEntries('$11')} where exists (select from stored)
)
select attempts from stored`;

// Of those that arrived at an endpoint that was well. It is well still, whatever others say that were sent before.
const ARRIVED = `
with arrived as (
  select * from jsonb_to_recordset($1::jsonb) as a(id text, holder text, status integer, "durationMs" integer, excerpt text, at timestamptz)
), stored as (
  update delivery d set status = 'DELIVERED', reason = null, next_attempt_at = null, leased_until = null, leased_by = null,
    attempts = d.attempts + 1
  from arrived a where d.id = a.id and d.leased_by = a.holder
  returning d.id, d.endpoint_id, a.at, a.status, a."durationMs", a.excerpt
), attempt as (
  insert into delivery_attempt (delivery_id, at, status, duration_ms, error, excerpt)
  select id, at, status, "durationMs", null, excerpt from stored
), health as (
  update webhook_endpoint e set probing_until = null, failures = 0, failing_since = null, next_probe_at = null
  where e.id in (select endpoint_id from stored) and e.failures > 0
), done as (
  update desk_task t set done_at = stored.at from stored where t.delivery_id = stored.id and t.done_at is null
), written as (${appendEntries('$2')} where e.subject in (select id from stored)
)
select id from stored`;

// An outage is over: those that were its probes do not wait for their own next turn.
const RELEASE = `
update delivery d set next_attempt_at = $2 from (
  select id from delivery where endpoint_id = $1 and status = 'RETRYING' and leased_by is null and next_attempt_at > $2
  for update skip locked
) tried where d.id = tried.id`;

const json = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));

/** One failure may be the message's own fault. */
const OUTAGE = 2;

const store = (q: Queryable, claim: Claim, verdict: Verdict, at: Date): Promise<{ attempts: number } | null> =>
  q.maybeOne<{ attempts: number }>(STORE, [
    ...[claim.id, claim.holder, verdict.status, verdict.reason, verdict.nextAttemptAt, json(verdict.attempt), at],
    ...[json(verdict.health), claim.failures, verdict.isHealthCertain],
    entryRows(verdict.status === 'RETRYING' ? [] : [entryOf(claim, verdict, at)]),
  ]);

/** What is more than the message's own row, in one transaction with it. */
const storeAll = (db: Db, claim: Claim, verdict: Verdict, at: Date): Promise<{ attempts: number } | null> =>
  db.tx(async (tx) => {
    const stored = await store(tx, claim, verdict, at);
    if (!stored) return null;
    if (endsOutage(claim, verdict)) await tx.query(RELEASE, [claim.endpointId, at]);
    if (verdict.isExhausted) await tellExhausted(tx, claim, stored.attempts, at);
    if (verdict.disable !== null) await disableEndpoint(tx, claim.endpointId, verdict.disable, at);
    return stored;
  });

export interface Settlement {
  readonly claim: Claim;
  readonly verdict: Verdict;
  readonly at: Date;
}

/** Nothing follows from it but that it arrived: many of them may be stored together. */
export const isPlain = ({ claim, verdict }: Settlement): boolean =>
  verdict.status === 'DELIVERED' && claim.failures === 0 && verdict.attempt !== null;

/** Of each that is plain, as `settle`. */
export async function settleArrived(db: Db, asked: readonly Settlement[]): Promise<(Look[] | null)[]> {
  // Twice in one batch is who lost the lease and who took it over: the later one counts.
  const latest = new Map(asked.map((settlement) => [settlement.claim.id, settlement]));
  const settlements = [...latest.values()];
  const rows = await db.query<{ id: string }>(ARRIVED, [
    JSON.stringify(
      settlements.map(({ claim, verdict, at }) => ({ id: claim.id, holder: claim.holder, ...verdict.attempt, at })),
    ),
    entryRows(settlements.map(({ claim, verdict, at }) => entryOf(claim, verdict, at))),
  ]);
  const stored = new Set(rows.map(({ id }) => id));
  const lanes = settlements.flatMap(({ claim }) => (stored.has(claim.id) ? [claim] : []));
  const at = settlements[0]?.at;
  // Crash here: the lanes have nothing at their fronts; the sweep moves them on.
  const fronts = lanes.length === 0 || at === undefined ? [] : await moveOn(db, lanes, at);
  return asked.map((settlement) => {
    const { id, endpointId, lane } = settlement.claim;
    if (latest.get(id) !== settlement || !stored.has(id)) return null;
    return fronts.filter((front) => front.endpointId === endpointId && front.lane === lane).map(lookOf);
  });
}

const endsOutage = (claim: Claim, { health }: Verdict): boolean => health?.failures === 0 && claim.failures >= OUTAGE;

/** Null when the lease was lost: somebody else has it, and nothing is stored. Otherwise what can be sent next in this lane. */
export async function settle(db: Db, claim: Claim, verdict: Verdict, at: Date): Promise<Look[] | null> {
  const isMore = endsOutage(claim, verdict) || verdict.isExhausted || verdict.disable !== null;
  const stored = await (isMore ? storeAll : store)(db, claim, verdict, at);
  if (!stored) return null;
  if (verdict.status !== 'DELIVERED' && verdict.status !== 'SKIPPED') return [];
  // Crash here: the lane has nothing at its front; the sweep moves it on.
  return (await moveOn(db, [claim], at)).map(lookOf);
}

const entryOf = (claim: Claim, { status, reason, attempt }: Verdict, at: Date): AuditEntry => ({
  kind: `delivery.${status.toLowerCase()}`,
  subject: claim.id,
  actor: null,
  at,
  body: {
    ...{ endpoint: claim.endpointId, message: claim.messageId, type: claim.type },
    ...{ attempts: claim.attempts + (attempt === null ? 0 : 1), reason },
  },
  about: [claim.referralId, claim.disputeId].flatMap((id) => id ?? []),
});

async function tellExhausted(tx: Tx, claim: Claim, attempts: number, at: Date): Promise<void> {
  const { id, endpointId, messageId, type, referralId, disputeId } = claim;
  // That one could not be told that another could not be told is not told again: two dead endpoints would go on for ever.
  if (audienceOf(type) === 'KEEPERS') return;
  const senders = await tx.query<{ id: string }>('select from_id as id from referral where id = $1', [referralId]);
  const data = { delivery: id, message: messageId, type, referral: referralId, attempts };
  await tellKeepers(
    tx,
    { type: 'delivery.exhausted', endpointId, senders: senders.map((one) => one.id), disputeId, data },
    at,
  );
}

const GIVE_BACK = `
with given as (
  update delivery set leased_until = null, leased_by = null where id = $1 and leased_by = $2 returning endpoint_id
)
update webhook_endpoint e set probing_until = null from given where e.id = given.endpoint_id and $3 > 0`;

/** Nothing can be said of an attempt that we broke off ourselves: it is made again, at once. */
export async function giveBack(q: Queryable, { id, holder, failures }: Claim): Promise<void> {
  await q.query(GIVE_BACK, [id, holder, failures]);
}
