import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import type { DepartmentRecord } from '../../core/department-record.ts';
import { createKeyring } from '../../core/platform/keyring.ts';
import { silentLog } from '../../core/platform/log.ts';
import { createTestDatabase } from '../../test/kit/database.ts';
import { record } from '../../test/kit/paper-department.ts';
import { createLastGoodCache } from './last-good.ts';
import { cacheSettings } from './settings.ts';
import { createPostgresCache, createRedisCache } from './shared-cache.ts';
import type { SharedCache } from './shared-cache.ts';

const database = await createTestDatabase();
afterAll(() => database.drop());
const keyring = createKeyring(randomBytes(32));
const T0 = Date.parse('2026-03-01T00:00:00Z');
const HOUR = 3_600_000;

const cacheOf = (shared: SharedCache | null, settings: object = {}, source = 'COURTS') =>
  createLastGoodCache<DepartmentRecord>({
    source,
    settings: cacheSettings.parse(settings),
    keyring,
    shared,
    log: silentLog,
  });
const counted = (shared: SharedCache) => {
  const written: number[] = [];
  const store: SharedCache = {
    ...shared,
    putMany: (source, entries, ...rest) => {
      written.push(entries.length);
      return shared.putMany(source, entries, ...rest);
    },
  };
  return { store, written };
};
const answer = (key: string, fields = {}) => new Map([[key, record('COURTS', key, fields)]]);

const redisUrl = process.env['REDIS_URL'];

test.skipIf(redisUrl === undefined)('The same over Redis (REDIS_URL)', async () => {
  const redis = new Redis(redisUrl ?? '');
  const source = `TEST${randomBytes(4).toString('hex')}`;
  const ours = cacheOf(createRedisCache(redis), {}, source);
  ours.remember(new Map([...answer('1'), ['2', null]]), T0);
  await ours.flush();
  const found = await cacheOf(createRedisCache(redis), {}, source).find(['1', '2', '3'], T0 + HOUR);
  expect([...found].map(([key, good]) => [key, good.record?.key, good.storedAt])).toEqual([
    ['1', '1', T0],
    ['2', undefined, T0],
  ]);
  const keys = await redis.keys(`mb:cache:{${source}}:*`);
  expect(await redis.pttl(keys[0] ?? '')).toBeGreaterThan(23 * HOUR);
  await redis.del(keys);
  redis.disconnect();
});

test('Another process finds what this one remembered, absence too, sealed at rest', async () => {
  const shared = createPostgresCache(database.db);
  const ours = cacheOf(shared);
  ours.remember(
    new Map([
      ['1', record('COURTS', '1', { number: '（2026）枫01民初1号' })],
      ['2', null],
    ]),
    T0,
  );
  await ours.flush();
  const found = await cacheOf(shared).find(['1', '2', '3'], T0 + HOUR);
  expect(found.get('1')).toMatchObject({ storedAt: T0, record: { key: '1' } });
  expect(found.get('2')).toEqual({ storedAt: T0, record: null });
  expect(found.has('3')).toBe(false);
  const rows = await database.db.query<{ cipher: Buffer }>('select cipher from read_cache');
  for (const { cipher } of rows) expect(cipher.toString('utf8')).not.toContain('民初');
});

test('Nothing older than the limit is shown, from this process or from another', async () => {
  const shared = createPostgresCache(database.db);
  const ours = cacheOf(shared);
  ours.remember(answer('old'), T0);
  await ours.flush();
  for (const cache of [ours, cacheOf(shared)]) {
    expect((await cache.find(['old'], T0 + 24 * HOUR)).size).toBe(1);
    expect((await cache.find(['old'], T0 + 24 * HOUR + 1)).size).toBe(0);
  }
});

test('The shared store is written only for what is new, changed, or long unwritten', async () => {
  const { store, written } = counted(createPostgresCache(database.db));
  const cache = cacheOf(store);
  const remember = async (at: number, fields = {}) => {
    cache.remember(answer('w', fields), at);
    await cache.flush();
  };
  await remember(T0);
  await remember(T0 + 1_000);
  await remember(T0 + 2_000);
  expect(written).toEqual([1]);
  await remember(T0 + 3_000, { number: 'changed' });
  expect(written).toEqual([1, 1]);
  await remember(T0 + 3_000 + 600_000, { number: 'changed' });
  expect(written).toEqual([1, 1, 1]);
});

test('A shared store that fails or hangs costs nothing but its help', async () => {
  const broken: SharedCache = {
    getMany: () => Promise.reject(new Error('down')),
    putMany: () => Promise.reject(new Error('down')),
  };
  const hanging: SharedCache = { getMany: () => new Promise(() => undefined), putMany: async () => undefined };
  for (const shared of [broken, hanging]) {
    const cache = cacheOf(shared, { lookupBudgetMs: 20 });
    cache.remember(answer('a'), T0);
    await cache.flush();
    expect([...(await cache.find(['a', 'b'], T0)).keys()]).toEqual(['a']);
  }
});

test('A value moved to another key or department is not believed', async () => {
  const shared = createPostgresCache(database.db);
  const ours = cacheOf(shared);
  ours.remember(answer('m1'), T0);
  ours.remember(answer('m2'), T0);
  await ours.flush();
  const [one, two] = ['m1', 'm2'].map((key) => keyring.hash('cache', 'COURTS', key));
  await database.db.query(
    'update read_cache set cipher = (select cipher from read_cache where key_hash = $2) where key_hash = $1',
    [one, two],
  );
  expect([...(await cacheOf(shared).find(['m1', 'm2'], T0)).keys()]).toEqual(['m2']);
});

test('The process keeps no more bytes than it may', async () => {
  const cache = cacheOf(null, { maxBytes: 20_000 });
  for (let key = 0; key < 200; key += 1) cache.remember(answer(String(key)), T0);
  const kept = await cache.find(
    Array.from({ length: 200 }, (_, key) => String(key)),
    T0,
  );
  expect(kept.size).toBeGreaterThan(5);
  expect(kept.size).toBeLessThan(40);
  expect(kept.has('199')).toBe(true);
});
