/**
 * What is stored, so that two ways to the same end can be compared: ids by what they stand for, without moments, and without
 * how often something had to be tried.
 */
import type { Db } from '../../core/platform/db.ts';

const PARTS: Readonly<Record<string, string>> = {
  referral: `select id, dispute_id, parent_id, state, light, due_at, tick_at, legal_basis from referral`,
  event: `select referral_id, sequence, type, at, version, step, actor_subject, actor_role, responsible_id, body,
    words_cipher is not null as words from referral_event`,
  party: 'select * from referral_party',
  sight: 'select organisation_id, referral_id, due_at from referral_sight',
  visible: 'select organisation_id, dispute_id from visible',
  outbox: `select lane, type, referral_id, audience, dispute_id, body - array['number', 'attempts', 'failingSince'] as body,
    dispatched_at is not null as dispatched from outbox`,
  endpoint: `select id, types, enabled, disabled_reason, failures, free_at is null as slow,
    (select count(*) from webhook_secret s where s.endpoint_id = e.id) as secrets from webhook_endpoint e`,
  lane: 'select endpoint_id, lane, last_sequence from webhook_lane',
  delivery: `select endpoint_id, message_id, lane, type, sequence, status, reason, leased_by,
    row_number() over (partition by endpoint_id, lane order by position) as place, desk_task_at is not null as desk from delivery`,
  task: 'select delivery_id, referral_id, reason, done_at is not null as done from desk_task',
  inbox: 'select organisation_id, message_id, type, status, reason, body_cipher is null as emptied from inbox',
  inboundSecret: `select organisation_id, not_after is null as newest from inbound_secret`,
  key: 'select organisation_id, subject, operation from idempotency',
  dispute: 'select id, category, channels, accused_ids, survivor_id from dispute',
  disputeRecord: 'select dispute_id, record_id, unlinked_at is not null as gone from dispute_record',
  record: 'select source, gone_at is not null as gone from record',
  mention: 'select record_id, ref, person_id is not null as known, gone_at is not null as gone from mention',
  person: `select count(*) from person`,
  waiting: `select count(*) from match_waiting`,
  linkProposal:
    'select status, origin, record_id, beside_id, reasons, reason_cipher is not null as words from dispute_link_proposal',
  feed: 'select source, done, total, loaded_at is not null as loaded, last_error, leased_by from source_feed',
  // An entry of joins is named by lot.
  audit: `select kind, actor_subject, case kind when 'people.joined' then '' else subject end as subject, body - array['attempts', 'version', 'previous', 'words', 'person', 'digest'] as body from audit_trail`,
};

/** What an id stands for; the same row has the same name whichever way it came about. */
const NAMES = `
with dispute_name as (select id, 'dispute of ' || category || ' ' || array_to_string(channels, ' ') as name from dispute),
referral_name as (
  select r.id, format('referral from %s to %s', r.from_id, e.body->>'lead') as name
  from referral r join referral_event e on e.referral_id = r.id and e.sequence = 1
), endpoint_name as (
  select id, format('endpoint of %s for %s', organisation_id, array_to_string(types, ' ')) as name from webhook_endpoint
), lane_name as (
  select * from dispute_name union all select * from referral_name union all select * from endpoint_name
  union all select id, 'inbox ' || message_id from inbox
), message_name as (
  select o.id, format('%s %s in %s', o.type, row_number() over (partition by o.lane, o.type order by o.position), coalesce(l.name, '?')) as name
  from outbox o left join lane_name l on l.id = o.lane
)
select id, name from lane_name
union all select id, name from message_name
union all select e.id, format('event %s of %s', e.sequence, r.name) from referral_event e join referral_name r on r.id = e.referral_id
union all select d.id, format('%s to %s', m.name, e.name)
  from delivery d join message_name m on m.id = d.message_id join endpoint_name e on e.id = d.endpoint_id
union all select t.id, format('task for %s to %s', m.name, e.name) from desk_task t join delivery d on d.id = t.delivery_id
  join message_name m on m.id = d.message_id join endpoint_name e on e.id = d.endpoint_id`;

const ALL = Object.entries(PARTS)
  .map(([part, sql]) => `(select '${part} ' || to_jsonb(row)::text as line from (${sql}) row)`)
  .join(' union all ');

const ID = /\b(ref|evt|msg|whe|dlv|dsp|per|rec|men|clk|rvw)_([0-9a-z]{20,})/g;

/** A line for each row, in an order of its own. */
export async function digestOf(db: Db): Promise<string[]> {
  const rows = await db.query<{ id: string; name: string }>(NAMES, []);
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  const nameOf = (id: string, prefix: string, rest: string): string =>
    prefix === 'clk' ? `clock of ${names.get(`ref_${rest}`) ?? '?'}` : (names.get(id) ?? `some ${prefix}`);
  const lines = await db.query<{ line: string }>(ALL, []);
  return lines.map(({ line }) => line.replace(ID, nameOf)).sort();
}
