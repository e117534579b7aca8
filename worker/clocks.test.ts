import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JobHandler, Queues } from '../core/platform/queue.ts';
import { AppError } from '../core/platform/errors.ts';
import { createInboxRig, type InboxRig } from '../test/kit/inbox-rig.ts';
import { silentLog } from '../test/kit/index-rig.ts';
import { createClocksWorker, type ClocksWorkerDeps } from './clocks.ts';

const DAY_MS = 86_400_000;

let rig: InboxRig;
const said: string[] = [];
const handlers: JobHandler[] = [];
const lanes: string[] = [];
beforeEach(async () => {
  rig = await createInboxRig();
  for (const list of [said, handlers, lanes]) list.length = 0;
});
afterEach(() => rig.drop());

/** Over queues that keep what was said, and hand it over when told; it sweeps when it is told to. */
async function start(more: Partial<ClocksWorkerDeps> = {}) {
  const say = async (id: string): Promise<void> => void said.push(id);
  const queues: Pick<Queues, 'queue' | 'work'> = {
    queue: () => ({ look: say, announce: say }),
    work: (_, handler) => void handlers.push(handler),
  };
  const { db, engine, clock } = rig;
  const worker = createClocksWorker({
    ...{ queues: queues as Queues, engine, db, clock, log: silentLog, sweepMs: 60_000 },
    announce: async (lane) => void lanes.push(lane),
    ...more,
  });
  await worker.stop();
  said.length = 0;
  return worker;
}

test('A sweep queues what is due and nothing else; a job says it once and tells its lane', async () => {
  const worker = await start();
  const referral = await rig.open('police');
  await worker.sweep();
  expect(said).toEqual([]);
  rig.clock.advance(3 * DAY_MS);
  await worker.sweep();
  expect(said).toEqual([referral]);
  for (let turn = 0; turn < 2; turn++) await handlers[0]?.({ id: referral });
  expect(lanes).toEqual([referral]);
});

test('Referrals whose tick fails do not hide those that are due after them, and are tried again', async () => {
  const stuck: string[] = [];
  const tick: ClocksWorkerDeps['engine']['tick'] = async (tx, id) => {
    if (stuck.includes(id)) throw new AppError('INTERNAL', 'It fails.');
    return rig.engine.tick(tx, id);
  };
  const worker = await start({ atOnce: 2, engine: { tick } });
  for (let count = 0; count < 4; count++) stuck.push(await rig.open('police'));
  rig.clock.advance(DAY_MS);
  const last = await rig.open('police');
  rig.clock.advance(5 * DAY_MS);
  for (let look = 0; look < 3; look++) {
    await worker.sweep();
    for (const id of said.slice(-2))
      await handlers[0]?.({ id }).catch((error: unknown) => expect(error).toBeInstanceOf(AppError));
  }
  expect(said).toEqual([...stuck.toSorted(), last]);
  expect(lanes).toEqual([last]);
  said.length = 0;
  await worker.sweep();
  expect(said).toEqual(stuck.toSorted().slice(0, 2));
});
