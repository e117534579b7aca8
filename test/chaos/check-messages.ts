/** Compares what was to be told with what the receivers took, and what was sent in with what became of it. */
import type { Queryable } from '../../core/platform/db.ts';
import type { Notes } from './notes.ts';
import type { Receiver, Told } from './receiver.ts';

interface DeliveryRow {
  readonly messageId: string;
  readonly org: string;
  readonly lane: string;
  readonly type: string;
  readonly sequence: number | null;
  readonly status: string;
  readonly attempts: number;
}

const DELIVERIES = `
select d.message_id as "messageId", o.code as org, d.lane, d.type, d.sequence, d.status, d.attempts
from delivery d join webhook_endpoint e on e.id = d.endpoint_id join organisation o on o.id = e.organisation_id
order by d.position`;

// Every department hears all that concerns it by the one endpoint that it has; nobody hears for another here.
const UNDELIVERED = `
select o.id, o.type, o.lane, who.code as org from outbox o
join organisation who on who.id = any (o.audience) join webhook_endpoint e on e.organisation_id = who.id
where not exists (select from delivery d where d.message_id = o.id and d.endpoint_id = e.id)`;

interface InboxRow {
  readonly messageId: string;
  readonly org: string;
  readonly status: string;
  readonly reason: string | null;
}

const INBOX = `
select i.message_id as "messageId", o.code as org, i.status, i.reason
from inbox i join organisation o on o.id = i.organisation_id order by i.position`;

/** Every message at least once; nothing that was not to be told. */
function* checkReceived({ org, effects }: Receiver, deliveries: readonly DeliveryRow[]): Generator<string> {
  const due = new Set<string>();
  for (const { messageId, type, lane, status } of deliveries.filter((one) => one.org === org)) {
    due.add(messageId);
    if (status !== 'DELIVERED') yield `${org}: message ${messageId} (${type} of ${lane}) is ${status}`;
    if (!effects.has(messageId)) yield `${org}: message ${messageId} (${type} of ${lane}) was never received`;
  }
  for (const id of effects.keys()) if (!due.has(id)) yield `${org}: message ${id} was received and nobody sent it`;
}

/** One referral's messages in order, a repetition only of the last one; every step has one effect. */
export function* checkLanes({ org, taken, effects }: Pick<Receiver, 'org' | 'taken' | 'effects'>): Generator<string> {
  const last = new Map<string, Told>();
  for (const told of taken) {
    const { referral, sequence, id } = told;
    if (referral === null || sequence === null) continue;
    const before = last.get(referral);
    const expected = before === undefined ? 1 : before.id === id ? before.sequence : (before.sequence ?? 0) + 1;
    if (sequence !== expected)
      yield `${org}: of ${referral} came ${sequence} after ${before?.sequence ?? 'nothing'}, in another order`;
    last.set(referral, told);
  }
  const events = new Map<string, string>();
  for (const { id, data } of effects.values()) {
    const { event } = data;
    if (typeof event !== 'string') continue;
    if (events.has(event)) yield `${org}: event ${event} had two effects, by ${String(events.get(event))} and ${id}`;
    events.set(event, id);
  }
}

/** Whatever was answered with 202 has become what it must, once; nothing else was stored. */
function* checkSent(notes: Notes, receivers: readonly Receiver[], inbox: readonly InboxRow[]): Generator<string> {
  const byId = new Map(inbox.map((row) => [row.messageId, row]));
  for (const { id, org, expects } of notes.posts.values()) {
    const row = byId.get(id);
    if (!row) yield `${org}: what it sent as ${id} was acknowledged and is not there`;
    else if (row.org !== org || row.status !== expects)
      yield `${org}: what it sent as ${id} is ${row.status} (${row.reason ?? 'no reason'}) and must be ${expects}`;
    if (expects !== 'REJECTED') continue;
    const effects = receivers.find((one) => one.org === org)?.effects.values() ?? [];
    const told = [...effects].filter(({ type, data }) => type === 'referral.rejected_input' && data['message'] === id);
    if (told.length !== 1) yield `${org}: that ${id} was rejected it was told ${told.length} times`;
  }
  for (const { messageId, org } of inbox)
    if (!notes.posts.has(messageId)) yield `${org}: ${messageId} is stored and nobody has sent it`;
}

export async function checkMessages(q: Queryable, notes: Notes, receivers: readonly Receiver[]): Promise<string[]> {
  const deliveries = await q.query<DeliveryRow>(DELIVERIES);
  const inbox = await q.query<InboxRow>(INBOX);
  const undelivered = await q.query<{ id: string; type: string; lane: string; org: string }>(UNDELIVERED);
  const { tasks } = await q.one<{ tasks: number }>('select count(*)::int as tasks from desk_task');
  notes.counts.set('tasks of the desk, business time having leapt over a message', tasks);
  notes.counts.set('messages to deliver', deliveries.length);
  notes.counts.set(
    'attempts at delivering that are written down',
    deliveries.reduce((sum, { attempts }) => sum + attempts, 0),
  );
  notes.counts.set(
    'messages sent in: rejected as they must be',
    inbox.filter(({ status }) => status === 'REJECTED').length,
  );
  return [
    ...undelivered.map(({ id, type, lane, org }) => `${org}: message ${id} (${type} of ${lane}) was never on its way`),
    ...receivers.flatMap((receiver) => [...checkReceived(receiver, deliveries), ...checkLanes(receiver)]),
    ...checkSent(notes, receivers, inbox),
  ];
}
