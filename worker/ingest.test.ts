import { afterEach, beforeEach, expect, test } from 'vitest';
import { createIndexRig, silentLog, type IndexRig } from '../test/kit/index-rig.ts';
import { record } from '../test/kit/paper-department.ts';
import { createQueues, type JobHandler, type Queues } from '../core/platform/queue.ts';
import { createIngestWorker, type IngestWorkerDeps } from './ingest.ts';
import type { QueueWorker } from './queue-worker.ts';

let rig: IndexRig;
beforeEach(async () => {
  rig = await createIndexRig();
});
afterEach(() => rig.drop());

/** Queues that keep what was said, and hand it over when told. */
function paperQueues(): Queues & { readonly said: string[]; readonly handlers: JobHandler[] } {
  const said: string[] = [];
  const handlers: JobHandler[] = [];
  return {
    said,
    handlers,
    queue: () => ({
      look: async (id, attempt) => {
        said.push(`${id}-${attempt}`);
      },
      announce: async (id, attempt) => {
        said.push(`${id}-${attempt}`);
      },
    }),
    inspect: () => {
      throw new Error('Nobody inspects these.');
    },
    work: (_, handler) => {
      handlers.push(handler);
    },
    close: async () => undefined,
  };
}

const workerOn = (queues: IngestWorkerDeps['queues'], sweepMs = 60_000): QueueWorker =>
  createIngestWorker({
    ...{ queues, sweepMs, readIn: rig.readIn, disputes: rig.comparing },
    ...{ db: rig.db, log: silentLog },
  });

test('The sweep queues what is due and nobody reads, and nothing else', async () => {
  const queues = paperQueues();
  const worker = workerOn(queues);
  await worker.stop();
  await worker.sweep();
  expect(new Set(queues.said)).toEqual(new Set(['COURTS-0', 'POLICE-0', 'PETITIONS-0']));
  for (const source of ['COURTS', 'POLICE', 'PETITIONS']) await rig.readIn.read(source);
  queues.said.length = 0;
  await worker.sweep();
  expect(queues.said).toEqual([]);
  rig.clock.advance(60_000);
  await worker.sweep();
  expect(new Set(queues.said)).toEqual(new Set(['COURTS-0', 'POLICE-0']));
});

test('A job that is none is refused, and one for a department that is not here is left alone', async () => {
  const queues = paperQueues();
  const worker = workerOn(queues);
  const [handle] = queues.handlers;
  await expect(handle?.({ source: 'COURTS' })).rejects.toThrow();
  await handle?.({ id: 'CUSTOMS' });
  await worker.stop();
  expect(rig.courts.asked).toEqual([]);
});

test('Over a real queue every department is read in, and stopping leaves nothing running', async () => {
  rig.courts.put(record('COURTS', 'c1'));
  rig.police.put(record('POLICE', 'p1'));
  const queues = await createQueues({ databaseUrl: rig.url, redisUrl: null, log: silentLog });
  const worker = workerOn(queues, 50);
  const loaded = async (): Promise<number> =>
    (await rig.db.one<{ n: number }>('select count(*) as n from source_feed where loaded_at is not null', [])).n;
  while ((await loaded()) < 3) await new Promise((resolve) => setTimeout(resolve, 20));
  await worker.stop();
  await queues.close();
  expect(await rig.db.one('select count(*) as n from record', [])).toEqual({ n: 2 });
});
