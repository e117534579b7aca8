import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDeliveryRig, type DeliveryRig } from '../test/kit/delivery.ts';
import { silentLog } from '../test/kit/index-rig.ts';
import { createQueues, type Queues } from '../core/platform/queue.ts';
import { createDeliverWorker } from './deliver.ts';
import { createDispatchWorker } from './dispatch.ts';

let rig: DeliveryRig;
beforeEach(async () => {
  rig = await createDeliveryRig();
});
afterEach(() => rig.drop());

function startWorkers(queues: Queues, sweepMs: number) {
  const { db, clock, dispatch, deliver, supervise } = rig;
  const delivering = createDeliverWorker({ queues, deliver, supervise, db, clock, log: silentLog, sweepMs });
  const send = (id: string, attempt: number): Promise<void> => delivering.take(id, attempt);
  const workers = [createDispatchWorker({ queues, dispatch, deliver: send, db, log: silentLog, sweepMs }), delivering];
  return async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await queues.close();
  };
}

const types = ['referral.dispatched', 'referral.accepted', 'referral.progress'];

/** Resolves when so many have been received. */
const arrived = (count: number): Promise<void> =>
  new Promise((resolve) => {
    rig.answer = () => {
      if (rig.received.length === count) resolve();
      return { status: 200 };
    };
  });

test('A lane that is announced arrives without any sweep, in order', async () => {
  await rig.register('police');
  const referral = await rig.referral();
  await rig.tell(referral, ['police'], ...types);
  const queues = await createQueues({ databaseUrl: rig.url, redisUrl: null, log: silentLog });
  const stop = startWorkers(queues, 3_600_000);
  const done = arrived(3);
  await queues.queue('dispatch').look(referral, 0);
  await done;
  await stop();
  expect(rig.received.map(({ type }) => type)).toEqual(types);
});

test('What nobody announced is found by the sweeps', async () => {
  await rig.register('police');
  await rig.tell(await rig.referral(), ['police'], ...types);
  const queues = await createQueues({ databaseUrl: rig.url, redisUrl: null, log: silentLog });
  const done = arrived(3);
  const stop = startWorkers(queues, 50);
  await done;
  await stop();
  expect(rig.received.map(({ type }) => type)).toEqual(types);
});

test('A job that is none is refused, and one of a delivery that there is not is left alone', async () => {
  const handlers = new Map<string, (data: unknown) => Promise<void>>();
  const queues: Queues = {
    queue: () => ({ look: async () => undefined, announce: async () => undefined }),
    inspect: () => {
      throw new Error('Nobody looks at it here.');
    },
    work: (name, handler) => void handlers.set(name, handler),
    close: async () => undefined,
  };
  const stop = startWorkers(queues, 3_600_000);
  for (const name of ['dispatch', 'deliver']) {
    await expect(handlers.get(name)?.({ lane: 'x' })).rejects.toThrow();
    await handlers.get(name)?.({ id: 'dlv_none' });
  }
  await stop();
  expect(rig.received).toEqual([]);
});
