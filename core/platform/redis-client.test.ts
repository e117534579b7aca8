import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/kit/database.ts';
import { silentLog } from '../../test/kit/index-rig.ts';
import { redisMissing, startRedis, startRedisCluster, startRedisSentinel } from '../../test/kit/redis-program.ts';
import { createQueues } from './queue.ts';
import { closeRedisClient, createRedisClient, parseRedisUrl } from './redis-client.ts';

test('Redis is found as one server, by Sentinel or as a cluster', () => {
  expect(parseRedisUrl('redis://localhost:6379/1')).toEqual({ kind: 'single', url: 'redis://localhost:6379/1' });
  expect(parseRedisUrl('rediss-sentinel://user:p%40ss@a,b:26380/centre/2')).toEqual({
    kind: 'sentinel',
    master: 'centre',
    sentinels: [
      { host: 'a', port: 26379 },
      { host: 'b', port: 26380 },
    ],
    options: { username: 'user', password: 'p@ss', db: 2, tls: {} },
  });
  expect(parseRedisUrl('redis-cluster://[::1]:7000,b')).toEqual({
    kind: 'cluster',
    nodes: [
      { host: '::1', port: 7000 },
      { host: 'b', port: 6379 },
    ],
    options: {},
  });
  expect(() => parseRedisUrl('redis-sentinel://a:26379')).toThrow('REDIS_URL');
  expect(() => parseRedisUrl('http://a')).toThrow('REDIS_URL');
});

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const FORMS = [
  { form: 'one server', start: startRedis },
  { form: 'a cluster of three', start: startRedisCluster },
  { form: 'a server that a sentinel names', start: startRedisSentinel },
];

describe.skipIf(redisMissing !== null)(`Redis as it is run${redisMissing ?? ''}:`, () => {
  test.each(FORMS)('jobs of every queue travel through $form', async ({ start }) => {
    const redis = await start();
    onTestFinished(() => redis.stop());
    const queues = await createQueues({ databaseUrl: database.url, redisUrl: redis.url, log: silentLog });
    // Their names fall into different slots: in a cluster on different servers.
    const names = ['clocks', 'dispatch', 'deliver', 'inbox', 'ingest'];
    const done = names.map(
      (name) =>
        new Promise<unknown>((resolve) => {
          queues.work(name, async (data) => resolve(data));
        }),
    );
    for (const name of names) await queues.queue(name).look(`${name}_1`, 0);
    expect(await Promise.all(done)).toEqual(names.map((name) => ({ id: `${name}_1` })));
    await queues.close();
  });

  test('closing does not wait for a server that has gone', async () => {
    const redis = await startRedis();
    const client = createRedisClient(redis.url);
    client.on('error', () => undefined);
    expect(await client.ping()).toBe('PONG');
    await redis.stop();
    await new Promise<void>((resolve) => client.once('reconnecting', () => resolve()));
    await closeRedisClient(client);
    expect(client.status).not.toBe('ready');
  });
});
