/** What all workers have in common. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../test/kit/database.ts';
import { silentLog } from '../test/kit/index-rig.ts';
import type { JobHandler, Queues } from '../core/platform/queue.ts';
import { createQueueWorker } from './queue-worker.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const handlers: JobHandler[] = [];
/** Jobs are handed over by the test. */
const queues: Queues = {
  queue: () => ({ look: async () => undefined, announce: async () => undefined }),
  inspect: () => {
    throw new Error('Nobody looks at these.');
  },
  work: (_name, handler) => void handlers.push(handler),
  close: async () => undefined,
};

const start = (handle: (id: string) => Promise<void>, concurrency: number) =>
  createQueueWorker(
    { queues, db: database.db, log: silentLog, sweepMs: 60_000 },
    { name: 'many', concurrency, handle, sweep: async () => undefined },
  );

test('A job of several does each, a few at a time; one that fails spoils no other and is the reason of the job', async () => {
  const [done, running] = [[] as string[], { now: 0, most: 0 }];
  const worker = start(async (id) => {
    running.now += 1;
    running.most = Math.max(running.most, running.now);
    await new Promise((resolve) => setImmediate(resolve));
    running.now -= 1;
    if (id === 'bad') throw new Error('bad');
    done.push(id);
  }, 2);
  await expect(handlers.at(-1)?.({ ids: ['a', 'bad', 'b', 'c', 'd'] })).rejects.toThrow('bad');
  expect([done.sort(), running.most]).toEqual([['a', 'b', 'c', 'd'], 2]);
  await worker.stop();
});

test('A job that names nothing fails', async () => {
  const worker = start(async () => undefined, 1);
  for (const data of [{}, { id: '' }, { ids: [] }, null]) await expect(handlers.at(-1)?.(data)).rejects.toThrow();
  await worker.stop();
});
