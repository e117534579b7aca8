/**
 * What must hold of everything stored, whatever has crashed: each violation in words, none when all is well. Each check reads
 * for itself: while work goes on, hand in a transaction that is `repeatable read`, so that all of them see one moment.
 */
import type { Queryable } from '../../core/platform/db.ts';
import type { EventType } from '../../core/playbooks/playbook.ts';
import { checkHistory, type StoredReferral } from './referral-history.ts';

export interface CheckedAt {
  readonly business: Date;
  readonly wall: Date;
}

export interface CheckOptions {
  /** False while work goes on: what is due may still be undone. */
  readonly settled?: boolean;
}

const instant = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const AT_ONCE = 500;

// The outbox has no index by what was dispatched: it is read once for each batch.
const REFERRALS = `
with batch as (select * from referral where id > $1 order by id limit $2), told as materialized (
  select lane, json_agg(json_build_object('event', body->>'event', 'type', type) order by position) as messages
  from outbox where lane in (select id from batch) and type <> 'referral.rejected_input' group by lane
), written as materialized (
  select subject, array_agg(body->>'event') as events from audit_trail
  where subject in (select id from batch) and body ? 'event' group by subject
)
select r.id, r.number, r.state,
  json_build_object('status', r.status, 'version', r.version, 'lead', r.lead_id, 'responsible', r.responsible_id,
    'light', r.light, 'dueAt', ${instant('r.due_at')}, 'tickAt', ${instant('r.tick_at')}, 'isClosed', r.closed_at is not null) as columns,
  coalesce((select json_agg(json_build_object('id', e.id, 'sequence', e.sequence, 'type', e.type, 'at', ${instant('e.at')},
      'version', e.version, 'step', e.step, 'responsibleId', e.responsible_id, 'body', e.body) order by e.sequence)
    from referral_event e where e.referral_id = r.id), '[]') as events,
  coalesce(told.messages, '[]') as told,
  coalesce(written.events, '{}') as audited
from batch r left join told on told.lane = r.id left join written on written.subject = r.id order by r.id`;

async function checkHistories(q: Queryable, { business }: CheckedAt, settled: boolean): Promise<string[]> {
  const faults: string[] = [];
  for (let after = ''; ;) {
    const rows = await q.query<StoredReferral>(REFERRALS, [after, AT_ONCE]);
    for (const row of rows) faults.push(...checkHistory(row, business, settled));
    const last = rows.at(-1);
    if (!last || rows.length < AT_ONCE) return faults;
    after = last.id;
  }
}

/** One `fault` a row. */
type Check = string;

const ALWAYS: readonly Check[] = [
  `select format('referral %s is closed over %s, which is open', p.id, c.id) as fault
   from referral p join referral c on c.parent_id = p.id where p.responsible_id is null and c.responsible_id is not null`,

  `select format('delivery %s of %s to %s has number %s and stands at %s', id, lane, endpoint_id, sequence, place) as fault
   from (select d.*, row_number() over (partition by endpoint_id, lane order by position) as place
         from delivery d where sequence is not null) numbered
   where sequence <> place`,

  `select format('lane %s of %s has counted to %s and holds %s', l.lane, l.endpoint_id, l.last_sequence, count(d.id)) as fault
   from webhook_lane l left join delivery d on d.endpoint_id = l.endpoint_id and d.lane = l.lane and d.sequence is not null
   group by l.endpoint_id, l.lane having l.last_sequence <> count(d.id)`,

  // One that somebody sends again stands behind what came after it.
  `select format('delivery %s was delivered before %s of the same lane', later.id, earlier.id) as fault
   from delivery earlier join delivery later
     on later.endpoint_id = earlier.endpoint_id and later.lane = earlier.lane and later.position > earlier.position
   where later.status = 'DELIVERED' and earlier.status not in ('DELIVERED', 'SKIPPED')
     and not exists (select from audit_trail a where a.subject in (earlier.id, later.id) and a.kind = 'delivery.replayed')`,

  `select format('delivery %s is over and still held', id) as fault from delivery
   where leased_by is not null and status not in ('PENDING', 'RETRYING')`,

  `select format('delivery %s is %s and written down %s times', d.id, d.status, count(a.id)) as fault
   from delivery d left join audit_trail a on a.subject = d.id and a.kind = 'delivery.' || lower(d.status)
   where d.status in ('DELIVERED', 'FAILED', 'SKIPPED') group by d.id
   having count(a.id) < 1 or count(a.id) > 1 + (select count(*) from audit_trail r where r.subject = d.id and r.kind = 'delivery.replayed')`,

  `select format('inbox %s was refused and its sender told %s times', i.id, count(o.id)) as fault
   from inbox i left join outbox o on o.type = 'referral.rejected_input' and o.body->>'message' = i.message_id
     and o.audience = array[i.organisation_id]
   where i.status = 'REJECTED' group by i.id, i.accusation having count(o.id) > 1 or (count(o.id) = 0 and not i.accusation)`,

  `select format('inbox %s is over and still held', id) as fault from inbox where leased_by is not null and status <> 'ACCEPTED'`,

  `select format('a dispute that %s reported is there %s times of %s', o.code, opened.count, said.count) as fault
   from organisation o
   cross join lateral (select count(*) from inbox i
     where i.organisation_id = o.id and i.type = 'dispute.open' and i.status = 'APPLIED') said
   cross join lateral (select count(*) from audit_trail a
     where a.kind = 'dispute.opened' and a.actor_subject = 'webhook:' || o.code) opened
   where said.count <> opened.count`,

  `select format('a key of %s was used and has no result', subject) as fault from idempotency where result is null`,
];

const SETTLED: readonly Check[] = [
  `select format('outbox %s (%s) waits to be dispatched', id, type) as fault from outbox where dispatched_at is null`,

  `select format('delivery %s is %s and not delivered', d.id, d.status) as fault
   from delivery d join webhook_endpoint e on e.id = d.endpoint_id where d.status in ('PENDING', 'RETRYING') and e.enabled`,

  `select format('delivery %s waits behind nothing', w.id) as fault from delivery w
   where w.status = 'WAITING' and not exists (select from delivery f
     where f.endpoint_id = w.endpoint_id and f.lane = w.lane and f.status in ('PENDING', 'RETRYING', 'FAILED'))`,

  `select format('delivery %s has no task at the desk', id) as fault from delivery
   where desk_due_at <= $1 and desk_task_at is null and status not in ('DELIVERED', 'SKIPPED')`,

  `select format('delivery %s is held since %s and nobody is at it', id, leased_until) as fault
   from delivery where leased_by is not null and leased_until <= $2`,

  `select format('inbox %s waits to be applied', id) as fault from inbox where status = 'ACCEPTED'`,

  `select format('referral %s has a clock that was to speak at %s', id, tick_at) as fault from referral where tick_at <= $1`,

  `select format('%s is being read since %s and nobody is at it', source, leased_until) as fault
   from source_feed where leased_by is not null and leased_until <= $2`,
];

const EVENT_OF: Readonly<Record<string, EventType>> = {
  'referral.accept': 'ACCEPTED',
  'referral.start': 'STARTED',
  'referral.return': 'RETURN_REQUESTED',
  'referral.decide_return': 'RETURN_DECIDED',
  'referral.progress': 'PROGRESS',
  'referral.request_extension': 'EXTENSION_REQUESTED',
  'referral.feedback': 'FEEDBACK',
  'referral.visit': 'VISITED',
};

// An event does not name the message that it came of: they are counted by sender, referral and type.
const APPLIED = `
with kind as (select * from unnest($1::text[], $2::text[]) as k(message, event)), said as (
  select o.code, i.lane, k.event, count(*) from inbox i
  join organisation o on o.id = i.organisation_id join kind k on k.message = i.type
  where i.status = 'APPLIED' group by 1, 2, 3
), happened as (
  select substr(e.actor_subject, 9) as code, e.referral_id as lane, e.type as event, count(*)
  from referral_event e where starts_with(e.actor_subject, 'webhook:') and e.type in (select event from kind) group by 1, 2, 3
)
select format('%s said %s of %s %s times, and it happened %s times', code, event, lane, coalesce(said.count, 0),
  coalesce(happened.count, 0)) as fault
from said full join happened using (code, lane, event) where said.count is distinct from happened.count`;

/** One statement, so that it is one moment and one way there and back. */
const together = (checks: readonly Check[]): string => checks.map((check) => `(${check})`).join(' union all ');

export async function checkReferralInvariants(
  q: Queryable,
  at: CheckedAt,
  { settled = true }: CheckOptions = {},
): Promise<string[]> {
  const faults = await checkHistories(q, at, settled);
  const ask = async (text: string, values: readonly unknown[]): Promise<void> => {
    for (const { fault } of await q.query<{ fault: string }>(text, values)) faults.push(fault);
  };
  await ask(together(ALWAYS), []);
  await ask(APPLIED, [Object.keys(EVENT_OF), Object.values(EVENT_OF)]);
  if (settled) await ask(together(SETTLED), [at.business, at.wall]);
  return faults;
}
