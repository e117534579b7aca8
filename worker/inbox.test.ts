import { afterEach, beforeEach, expect, test } from 'vitest';
import { createQueues, type JobHandler, type Queues } from '../core/platform/queue.ts';
import { createInboxRig, type InboxRig } from '../test/kit/inbox-rig.ts';
import { silentLog } from '../test/kit/index-rig.ts';
import { createInboxWorker } from './inbox.ts';

let rig: InboxRig;
const lanes: string[] = [];
const announce = async (lane: string): Promise<void> => void lanes.push(lane);
beforeEach(async () => {
  rig = await createInboxRig();
  lanes.length = 0;
});
afterEach(() => rig.drop());

/** Queues that keep what was said, and hand it over when told. */
function paperQueues() {
  const said: string[] = [];
  const handlers: JobHandler[] = [];
  const say = async (id: string, attempt: number): Promise<void> => void said.push(`${id}-${attempt}`);
  const queues: Pick<Queues, 'queue' | 'work'> = {
    queue: () => ({ look: say, announce: say }),
    work: (_, handler) => void handlers.push(handler),
  };
  return { queues: queues as Queues, said, handlers };
}

async function allSettled(): Promise<void> {
  const waiting = async (): Promise<number> =>
    (await rig.db.one<{ n: number }>(`select count(*) as n from inbox where status = 'ACCEPTED'`, [])).n;
  while ((await waiting()) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('The sweep queues what is due and first in its lane, with its attempts, and nothing else', async () => {
  const { queues, said } = paperQueues();
  const { db, inbound } = rig;
  const worker = createInboxWorker({ queues, inbound, db, log: silentLog, announce, sweepMs: 60_000 });
  await worker.stop();
  said.length = 0;
  const referral = await rig.open('police');
  const first = await rig.store('police', 'referral.accept', { id: referral });
  const second = await rig.store('police', 'referral.progress', { id: referral, note: '上门。' });
  await worker.sweep();
  expect(said).toEqual([`${first}-0`]);
  said.length = 0;
  await inbound.apply(first);
  await worker.sweep();
  expect(said).toEqual([`${second}-0`]);
});

test('A job applies its message, says what it told, and says what waited behind it', async () => {
  const { queues, said, handlers } = paperQueues();
  const { db, inbound } = rig;
  const worker = createInboxWorker({ queues, inbound, db, log: silentLog, announce, sweepMs: 60_000 });
  await worker.stop();
  said.length = 0;
  const [handle] = handlers;
  await expect(handle?.({ message: 'x' })).rejects.toThrow();
  const referral = await rig.open('police');
  const first = await rig.store('police', 'referral.accept', { id: referral });
  const behind = await rig.store('police', 'referral.progress', { id: referral, note: '上门。' });
  await handle?.({ id: first });
  expect([said, lanes]).toEqual([[`${behind}-0`], [referral]]);
  // Said twice: settled already, so nothing is told again.
  await handle?.({ id: first });
  expect([said, lanes]).toEqual([[`${behind}-0`], [referral]]);
});

test('A lane goes on in the worker that has its front, without a job for each message', async () => {
  const { queues, handlers } = paperQueues();
  const { db, inbound } = rig;
  const worker = createInboxWorker({ queues, inbound, db, log: silentLog, announce, sweepMs: 60_000 });
  const referral = await rig.open('police');
  const first = await rig.store('police', 'referral.accept', { id: referral });
  for (const note of ['一', '二', '三']) await rig.store('police', 'referral.progress', { id: referral, note });
  await handlers[0]?.({ id: first });
  await allSettled();
  await worker.stop();
  expect(await db.one('select version from referral where id = $1', [referral])).toEqual({ version: 5 });
});

test('Over a real queue everything that came in is applied in its order, whatever was said of it', async () => {
  const queues = await createQueues({ databaseUrl: rig.url, redisUrl: null, log: silentLog });
  const { db, inbound } = rig;
  const referral = await rig.open('police');
  await rig.store('police', 'referral.accept', { id: referral });
  for (const note of ['一', '二', '三']) await rig.store('police', 'referral.progress', { id: referral, note });
  const worker = createInboxWorker({ queues, inbound, db, log: silentLog, announce, sweepMs: 50 });
  await allSettled();
  await worker.stop();
  await queues.close();
  const rows = await db.query<{ status: string }>('select status from inbox order by applied_at, position', []);
  expect(rows.map(({ status }) => status)).toEqual(Array(4).fill('APPLIED'));
  expect(await db.one('select version from referral where id = $1', [referral])).toEqual({ version: 5 });
});
