/** Compares what is stored with what those who acted know: every act that was acknowledged once, and nothing besides. */
import type { Queryable } from '../../core/platform/db.ts';
import type { Keyring } from '../../core/platform/keyring.ts';
import { loadEvents, openSummary, type SeenEvent } from '../../core/referrals/read.ts';
import type { Notes } from './notes.ts';

interface ReferralRow {
  readonly id: string;
  readonly status: string;
  readonly lead: string;
  readonly responsible: string | null;
  readonly sender: string;
  readonly parent: string | null;
  readonly summaryCipher: Buffer;
  readonly wrapped: Buffer | null;
}

const REFERRALS = `
select r.id, r.status, l.code as lead, p.code as responsible, f.code as sender, r.parent_id as parent, r.summary_cipher as "summaryCipher", k.wrapped
from referral r join organisation l on l.id = r.lead_id join organisation f on f.id = r.from_id
left join organisation p on p.id = r.responsible_id left join data_key k on k.id = r.id order by r.id`;

const AT_ONCE = 200;

/** An event that comes with another: without words of its own. */
const WITHOUT_WORDS: ReadonlySet<string> = new Set(['OPENED', 'CLOCK_STARTED', 'REOPENED']);
const OF_CLOCKS: ReadonlySet<string> = new Set([
  'CLOCK_STARTED',
  'CLOCK_YELLOW',
  'CLOCK_RED',
  'RED_CARD',
  'SUPERVISED',
]);

/** Where the acts left it, and who then answers for it. */
function* checkEnds(notes: Notes, rows: readonly ReferralRow[]): Generator<string> {
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const [id, { status, lead }] of notes.expected) {
    const row = byId.get(id);
    if (!row) yield `referral ${id} was acknowledged and is not there`;
    else if (row.status !== status || row.lead !== lead)
      yield `referral ${id} stands at ${row.status} with ${row.lead}; its acts say ${status} with ${lead}`;
    else if (row.responsible !== (status === 'DISPATCHED' ? row.sender : null))
      yield `for referral ${id}, ${status}, ${row.responsible ?? 'nobody'} is responsible`;
  }
  for (const { id } of rows) if (!notes.expected.has(id)) yield `nobody knows how referral ${id} came about`;
}

function* checkOpened(notes: Notes, keyring: Keyring, rows: readonly ReferralRow[]): Generator<string> {
  const marks = new Map<string, number>();
  for (const row of rows) {
    const { id } = row;
    const mark = openSummary(keyring, row);
    marks.set(mark, (marks.get(mark) ?? 0) + 1);
    // A child has the words of the act that forwarded it.
    const event = notes.acts.get(mark)?.event;
    if (event !== 'OPENED' && event !== 'FORWARDED') yield `nobody opened referral ${id}`;
  }
  for (const { mark, event, referral, isDone } of notes.acts.values()) {
    if (event !== 'OPENED' && event !== 'FORWARDED') continue;
    const times = marks.get(mark) ?? 0;
    if (times !== (isDone ? 1 : 0)) yield `what opened ${referral ?? 'a referral'} did so ${times} times`;
  }
}

/** What the driver wrote into it to know it again. */
function markOf(event: SeenEvent): string | undefined {
  const { note, text, comment } = event.words();
  return note ?? text ?? comment;
}

/** Of what somebody did; what clocks said is judged by their times. */
function* checkEvent(notes: Notes, event: SeenEvent): Generator<string> {
  const { type, referralId, sequence, actor } = event;
  const name = `event ${sequence} (${type}) of ${referralId}`;
  if (actor.system) {
    if (!OF_CLOCKS.has(type)) yield `${name} has no actor`;
    return;
  }
  if (WITHOUT_WORDS.has(type)) return;
  const note = notes.acts.get(markOf(event) ?? '');
  if (!note) yield `nobody asked for ${name}`;
  else if (!note.isDone) yield `${name} is there although it was refused`;
  else if (note.referral !== referralId || note.event !== type)
    yield `${name} was to be ${note.event} of ${note.referral ?? 'another'}`;
}

function* checkEvents(notes: Notes, events: readonly SeenEvent[]): Generator<string> {
  const times = new Map<string, number>();
  for (const event of events) {
    yield* checkEvent(notes, event);
    const mark = markOf(event);
    if (mark !== undefined) times.set(mark, (times.get(mark) ?? 0) + 1);
  }
  for (const { mark, event, referral, isDone } of notes.acts.values()) {
    const count = times.get(mark) ?? 0;
    if (event !== 'OPENED' && count !== (isDone ? 1 : 0))
      yield `${event} of ${referral ?? '?'}, ${isDone ? 'acknowledged' : 'refused'}, happened ${count} times`;
  }
}

export async function checkActs(q: Queryable, keyring: Keyring, notes: Notes): Promise<string[]> {
  const rows = await q.query<ReferralRow>(REFERRALS);
  const events: SeenEvent[] = [];
  for (let from = 0; from < rows.length; from += AT_ONCE)
    events.push(
      ...(await loadEvents(
        q,
        keyring,
        rows.slice(from, from + AT_ONCE).map(({ id }) => id),
      )),
    );
  notes.counts.set('referrals stored, with children', rows.length);
  notes.counts.set('events', events.length);
  notes.counts.set('events of clocks', events.filter(({ actor }) => actor.system).length);
  const { disputes } = await q.one<{ disputes: number }>('select count(*)::int as disputes from dispute');
  return [
    ...(disputes === notes.disputes ? [] : [`${notes.disputes} disputes were opened and ${disputes} are there`]),
    ...checkEnds(notes, rows),
    ...checkOpened(notes, keyring, rows),
    ...checkEvents(notes, events),
  ];
}
