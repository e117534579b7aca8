/** One step, gone wrong at one call: that in the end everything is as if it had gone well. */
import { digestOf } from '../kit/faulty-digest.ts';
import type { FaultyOffice } from '../kit/faulty-office.ts';
import type { FaultMode } from '../kit/faulty-port.ts';
import { checkReferralInvariants } from '../kit/referral-invariants.ts';
import type { Found, Step } from './step.ts';
import { carry } from './story.ts';

const MINUTE = 60_000;
/** After which everybody's lease has run out, then longer than each back-off. */
const WAITS = [0, 61_000, 6 * MINUTE, 35 * MINUTE, 150 * MINUTE, 6 * 60 * MINUTE];

const PATIENCE = 3;

export interface Prepared {
  readonly step: Step;
  readonly found: Found;
  /** What the step calls when nothing goes wrong. */
  readonly calls: readonly string[];
  /** What is stored in the end. */
  readonly digest: readonly string[];
}

const UNREAD = `select source || ' is to be read again' as fault from source_feed where attempts > 0 or leased_by is not null`;

async function violations({ db, clock }: FaultyOffice): Promise<string[]> {
  const unread = (await db.query<{ fault: string }>(UNREAD, [])).map(({ fault }) => fault);
  return [...unread, ...(await checkReferralInvariants(db, { business: clock.business(), wall: clock.wall() }))];
}

/** As who asked does: again, until it goes well. */
async function ask(office: FaultyOffice, { step, found }: Pick<Prepared, 'step' | 'found'>): Promise<void> {
  for (let turn = 1; ; turn++) {
    try {
      await step.run(office, found);
      return;
    } catch (error) {
      if (!office.port.fired || turn === PATIENCE) throw error;
      if (!step.isRepeated) return;
    }
  }
}

/** Nothing but waiting. Returns what is wrong all the same. */
async function settle(office: FaultyOffice): Promise<string[]> {
  let faults: string[] = [];
  for (const wait of WAITS) {
    office.clock.advance('wall', wait);
    await carry(office);
    faults = await violations(office);
    if (faults.length === 0) break;
  }
  return faults;
}

interface Delivered {
  readonly message: string;
  readonly lane: string;
  readonly path: string;
  readonly body: Buffer;
}

const DELIVERED = `
select d.message_id as message, d.lane, '/' || e.organisation_id as path, d.body from delivery d
join webhook_endpoint e on e.id = d.endpoint_id where d.status = 'DELIVERED' order by d.position`;

/** What every receiver has: each message at least once, with the same id and bytes, for the first time in its lane's order. */
async function receipts({ db, taken }: FaultyOffice): Promise<string[]> {
  const sent = await db.query<Delivered>(DELIVERED, []);
  const last = new Map<string, number>();
  return sent.flatMap(({ message, lane, path, body }) => {
    const copies = taken.filter((one) => one.path === path && one.id === message);
    const first = taken.findIndex((one) => one.path === path && one.id === message);
    const before = last.get(`${path} ${lane}`) ?? -1;
    last.set(`${path} ${lane}`, first);
    return [
      ...(copies.length === 0 ? [`${path} never got a message that is delivered`] : []),
      ...(copies.some(({ text }) => text !== body.toString()) ? [`${path} got one id with two bodies`] : []),
      ...(first < before ? [`${path} got a message before one that comes first in its lane`] : []),
    ];
  });
}

/** Once without any fault: how many calls there are, and what comes of it. */
export async function prepare(office: FaultyOffice, step: Step): Promise<Prepared> {
  const found = await step.prepare(office);
  await office.keep('step');
  office.port.arm(0);
  await ask(office, { step, found });
  const calls = office.port.disarm();
  const faults = [...(await settle(office)), ...(await receipts(office))];
  if (faults.length > 0) throw new Error(`${step.name}, undisturbed: ${faults.join('; ')}`);
  return { step, found, calls, digest: await digestOf(office.db) };
}

/** What is wrong in the end, in words. */
export async function goWrong(
  office: FaultyOffice,
  prepared: Prepared,
  at: number,
  mode: FaultMode,
): Promise<string[]> {
  await office.reset('step');
  office.port.arm(at, mode);
  await ask(office, prepared);
  const { fired } = office.port;
  office.port.disarm();
  const faults = [...(await settle(office)), ...(await receipts(office))];
  const digest = await digestOf(office.db);
  const missing = prepared.digest.filter((line) => !digest.includes(line));
  const more = digest.filter((line) => !prepared.digest.includes(line));
  const place = `call ${at} (${prepared.calls[at - 1] ?? '?'}) ${mode}: `;
  return [
    ...(fired ? [] : ['nothing went wrong']),
    ...faults,
    ...missing.map((line) => `missing: ${line}`),
    ...more.map((line) => `not there before: ${line}`),
    ...(digest.length === prepared.digest.length ? [] : ['there are rows twice']),
  ].map((fault) => place + fault);
}

/** Where it matters most whether it got there: until COMMIT nothing is stored, and a queue is told after it. */
const DECIDES = /^commit$| (look|announce|work)$/;

const spread = (all: readonly number[], count: number): number[] =>
  count >= all.length
    ? [...all]
    : Array.from({ length: count }, (_, index) => all[Math.floor(((index + 0.5) * all.length) / count)] ?? 0);

/** Without FULL a part of them, the same in every run: half of them where it is decided, the others from first to last. */
export function callsOf({ calls }: Prepared, most: number): number[] {
  const all = calls.map((_, index) => index + 1);
  if (process.env['FULL']) return all;
  const deciding = all.filter((at) => DECIDES.test(calls[at - 1] ?? ''));
  const chosen = spread(deciding, Math.ceil(most / 2));
  const others = all.filter((at) => !deciding.includes(at));
  return [...chosen, ...spread(others, most - chosen.length)];
}
