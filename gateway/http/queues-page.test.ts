import { randomBytes } from 'node:crypto';
import { fastify, type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Caller, Role } from '../../core/access/caller.ts';
import { AppError } from '../../core/platform/errors.ts';
import { createQueues, type Queues } from '../../core/platform/queue.ts';
import { createTestDatabase, type TestDatabase } from '../../test/kit/database.ts';
import { silentLog } from '../../test/kit/index-rig.ts';
import { until } from '../../test/kit/installation.ts';
import { startRedis, type RedisProgram } from '../../test/kit/redis-program.ts';
import { addQueuesPage, QUEUES_POLICY } from './queues-page.ts';

const caller = (kind: string, path: string, ...roles: Role[]): Caller => ({
  subject: 'li',
  name: null,
  organisation: { id: 'org_1', code: 'x', kind, path, selfAndAbove: ['org_1'], sources: [] },
  roles,
  purpose: null,
  reason: null,
  requestId: 'req_1',
});
const callers: Record<string, Caller> = {
  supervisor: caller('CENTRE', 'county/centre/', 'centre.operator', 'centre.supervisor'),
  operator: caller('CENTRE', 'county/centre/', 'centre.operator'),
  street: caller('CENTRE', 'county/east/centre/', 'centre.supervisor'),
  police: caller('POLICE', 'county/police/', 'centre.supervisor', 'department.head'),
};

let database: TestDatabase;
// Its own: on the one that all tests share, the scenarios' installation takes jobs of these queues too.
let redis: RedisProgram | null;
let queues: Queues;
let app: FastifyInstance;
const opened: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  redis = process.env['REDIS_URL'] === undefined ? null : await startRedis();
  queues = await createQueues({ databaseUrl: database.url, redisUrl: redis?.url ?? null, log: silentLog });
  app = fastify();
  addQueuesPage(app, {
    queues: {
      inspect(name) {
        opened.push(name);
        return queues.inspect(name);
      },
    },
    async authenticate({ authorization }) {
      const known = callers[authorization ?? ''];
      if (!known) throw new AppError('UNAUTHENTICATED', 'Sign in.');
      return known;
    },
    log: silentLog,
  });
});
afterAll(async () => {
  await app.close();
  await queues.close();
  await redis?.stop();
  await database.drop();
});

const get = (url: string, authorization = 'supervisor') => app.inject({ url, headers: { authorization } });
const put = (url: string, headers: Record<string, string> = {}) =>
  app.inject({ method: 'PUT', url, headers: { authorization: 'supervisor', ...headers } });

const PLACES = ['/queues', '/queues/', '/queues/api/queues', '/queues/static/favicon.ico', '/queues/queue/deliver'];

test('Only supervisors of the county’s centre come in, and nobody else opens a queue', async () => {
  for (const url of PLACES) {
    const stranger = await app.inject({ url });
    expect([stranger.statusCode, stranger.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    for (const who of ['operator', 'street', 'police']) {
      const { statusCode, headers, body } = await get(url, who);
      expect([statusCode, headers['content-type']]).toEqual([403, 'application/problem+json; charset=utf-8']);
      expect(JSON.parse(body)).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    }
  }
  expect(opened).toEqual([]);
  for (const url of PLACES) expect((await get(url)).statusCode, url).toBe(200);
  expect(opened).toEqual(['clocks', 'dispatch', 'deliver', 'inbox', 'ingest']);
});

test('The page loads nothing from elsewhere, and what it loads is here', async () => {
  const { body, headers } = await get('/queues');
  expect(headers['content-security-policy']).toBe(QUEUES_POLICY);
  expect(body).toContain('枫桥');
  expect(body).not.toMatch(/https?:/);
  const assets = [...body.matchAll(/(?:href|src)="(static\/[^"]+)"/g)].map(([, path]) => path);
  expect(assets.length).toBeGreaterThan(4);
  for (const path of assets) expect((await get(`/queues/${path}`)).statusCode, path).toBe(200);
});

interface Shown {
  readonly queues: readonly {
    readonly name: string;
    readonly displayName: string;
    readonly counts: Readonly<Record<string, number>>;
    readonly jobs: readonly { readonly id: string; readonly failedReason: string; readonly data: unknown }[];
  }[];
}
const show = async (queue: string) => {
  const { json } = await get(`/queues/api/queues?activeQueue=${encodeURIComponent(queue)}&status=failed`);
  const all = json<Shown>().queues;
  return all.find(({ name }) => name === queue);
};

/** As BullMQ calls it: on Redis in braces. */
const nameOf = (queue: string): string => queues.inspect(queue).name;

test('A failed job says why, is retried there, and nothing else can be done to it', async () => {
  const id = `dlv_${randomBytes(6).toString('hex')}`;
  let mended = false;
  const done: string[] = [];
  queues.work('deliver', async (data) => {
    if ((data as { id: string }).id !== id) return;
    if (!mended) throw new AppError('SOURCE_UNAVAILABLE', 'It does not answer.');
    done.push(id);
  });
  await queues.queue('deliver').look(id, 0);
  const name = nameOf('deliver');
  const found = async () => (await show(name))?.jobs.find((job) => job.id === `${id}-0`) ?? null;
  const failed = await until('it has failed', found);
  expect(failed).toMatchObject({ failedReason: 'SOURCE_UNAVAILABLE: It does not answer.', data: { id } });
  expect((await show(name))?.displayName).toBe('deliver');

  const queue = `/queues/api/queues/${encodeURIComponent(name)}`;
  const refused = [
    [`${queue}/${id}-0/clean`, 'PUT'],
    [`${queue}/${id}-0/promote`, 'PUT'],
    [`${queue}/clean/failed`, 'PUT'],
    [`${queue}/empty`, 'PUT'],
    [`${queue}/obliterate`, 'PUT'],
    [`${queue}/pause`, 'PUT'],
    ['/queues/api/queues/pause', 'PUT'],
    [`${queue}/concurrency`, 'PUT'],
    [`${queue}/add`, 'POST'],
    [`${queue}/${id}-0/update-data`, 'PATCH'],
  ] as const;
  for (const [url, method] of refused) {
    const answer = await app.inject({ method, url, headers: { authorization: 'supervisor' }, payload: {} });
    expect(answer.statusCode, url).toBe(403);
  }
  const retry = `${queue}/${id}-0/retry`;
  expect((await put(retry, { 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
  expect((await put(retry, { authorization: 'operator' })).statusCode).toBe(403);
  expect((await show(name))?.jobs.map((job) => job.id)).toContain(`${id}-0`);

  mended = true;
  expect((await put(retry, { 'sec-fetch-site': 'same-origin' })).statusCode).toBe(204);
  await until('it is done', async () => done.length > 0);
  await until('nothing is left of it', async () => (await get(`${queue}/${id}-0`)).statusCode === 404);
});

test('What goes wrong behind the page is not told in its words', async () => {
  const gone = await createTestDatabase();
  const lost = await createQueues({ databaseUrl: gone.url, redisUrl: null, log: silentLog });
  const other = fastify();
  addQueuesPage(other, { queues: lost, authenticate: async () => callers['supervisor'] as Caller, log: silentLog });
  await other.inject({ url: '/queues' });
  await gone.drop();
  const answer = await other.inject({ url: '/queues/api/queues' });
  expect([answer.statusCode, answer.json()]).toEqual([500, { error: { key: 'ERRORS.INTERNAL_SERVER_ERROR' } }]);
  await other.close();
  await lost.close();
});
