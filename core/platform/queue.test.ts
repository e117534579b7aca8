import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/kit/database.ts';
import { silentLog } from '../../test/kit/index-rig.ts';
import { AppError } from './errors.ts';
import { createQueues, QueueJob, type Queues } from './queue.ts';

const redisUrl = process.env['REDIS_URL'] ?? null;
const engines = [
  { engine: 'PostgreSQL', redis: null, skip: false },
  { engine: 'Redis', redis: redisUrl, skip: redisUrl === null },
];

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}
function gate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

for (const { engine, redis, skip } of engines) {
  describe.skipIf(skip)(`Queues on ${engine}${skip ? ' (skipped: REDIS_URL is not set)' : ''}`, () => {
    const start = (): Promise<Queues> => createQueues({ databaseUrl: database.url, redisUrl: redis, log: silentLog });
    const name = (): string => `q${randomBytes(4).toString('hex')}`;

    test('What is queued is looked at once however often it is said meanwhile, and again when it is said afterwards', async () => {
      const queues = await start();
      const [queue, ids] = [name(), [] as unknown[]];
      const [entered, release, second, end] = [gate(), gate(), gate(), gate()];
      queues.work(queue, async (data) => {
        ids.push(data);
        entered.open();
        if (ids.length === 1) return release.opened;
        second.open();
        // It runs until nobody says it any more.
        return end.opened;
      });
      await queues.queue(queue).look('COURTS', 0);
      await entered.opened;
      await queues.queue(queue).look('COURTS', 0);
      release.open();
      for (let tries = 0; ids.length < 2 && tries < 100; tries++) {
        await queues.queue(queue).look('COURTS', 0);
        await Promise.race([second.opened, new Promise((resolve) => setTimeout(resolve, 20))]);
      }
      end.open();
      await queues.close();
      expect(ids).toEqual([{ id: 'COURTS' }, { id: 'COURTS' }]);
    });

    test('A job that fails says why without anybody’s data, and the same is done again when it is looked at after a rest', async () => {
      const queues = await createQueues({
        databaseUrl: database.url,
        redisUrl: redis,
        log: silentLog,
        failedRestsMs: 0,
      });
      const queue = name();
      const again = gate();
      // A job that failed while it is still being looked at would be done again by that very look.
      const looked = [gate(), gate(), gate()] as const;
      const look = async (time: 0 | 1 | 2): Promise<void> => {
        await queues.queue(queue).look('a', 1);
        looked[time].open();
      };
      let runs = 0;
      queues.work(queue, async () => {
        await looked[runs]?.opened;
        runs += 1;
        if (runs === 1)
          throw new AppError('SOURCE_UNAVAILABLE', 'It does not answer.', { cause: new Error('330102…') });
        if (runs === 2) throw new TypeError('欧阳测试');
        again.open();
      });
      const reasons = ['SOURCE_UNAVAILABLE: It does not answer.', 'INTERNAL: TypeError'] as const;
      for (const time of [0, 1] as const) {
        const said = async (): Promise<boolean> =>
          (await queues.inspect(queue).getFailed()).some(({ failedReason }) => failedReason === reasons[time]);
        await look(time);
        while (!(await said())) await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await look(2);
      await again.opened;
      await queues.close();
      expect(runs).toBe(3);
    });

    test('What is announced at once is in few jobs, and nothing of it is missing', async () => {
      const queues = await start();
      const [queue, all] = [name(), gate()];
      const announced = Array.from({ length: 30 }, (_, index) => `id${index}`);
      const [seen, jobs] = [[] as string[], [] as string[][]];
      queues.work(queue, async (data) => {
        const ids = QueueJob.parse(data);
        jobs.push(ids);
        seen.push(...ids);
        if (seen.length === announced.length) all.open();
      });
      await Promise.all(announced.map((id) => queues.queue(queue).announce(id, 0)));
      await all.opened;
      await queues.close();
      expect([...seen].sort()).toEqual([...announced].sort());
      expect(jobs.length).toBeLessThanOrEqual(3);
    });

    test('Closing waits for the job that runs', async () => {
      const queues = await start();
      const queue = name();
      const [entered, release] = [gate(), gate()];
      let done = false;
      queues.work(queue, async () => {
        entered.open();
        await release.opened;
        done = true;
      });
      await queues.queue(queue).look('a', 1);
      await entered.opened;
      const closed = queues.close();
      release.open();
      await closed;
      expect(done).toBe(true);
    });
  });
}
