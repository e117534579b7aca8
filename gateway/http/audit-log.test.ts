import { fastify } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Caller } from '../../core/access/caller.ts';
import { AppError } from '../../core/platform/errors.ts';
import { addAuditLog } from './audit-log.ts';

const auditor: Caller = {
  ...{ subject: 'wu', name: null, roles: ['auditor'], purpose: 'audit', reason: null, requestId: 'req_1' },
  organisation: {
    ...{ id: 'org_1', code: 'discipline', kind: 'DISCIPLINE', path: 'county/discipline/' },
    ...{ selfAndAbove: ['org_1'], sources: [] },
  },
};
const asked: string[] = [];
const app = fastify({ logger: false });
beforeAll(() => {
  // As the server has it for every answer that says nothing else.
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers({ 'cache-control': 'no-store' });
    done();
  });
  addAuditLog(app, {
    checkpoint: () => Promise.resolve('checkpoint'),
    vkey: () => Promise.resolve('key'),
    tile: () => Promise.resolve(Buffer.alloc(32)),
    bundle: () => Promise.resolve(Buffer.from('secret')),
    admitToBundles(caller, bundle) {
      asked.push(`${caller.subject} ${bundle}`);
      if (bundle === '001') return Promise.reject(new AppError('FORBIDDEN', 'Not for you.'));
      return Promise.resolve();
    },
    authenticate: () => Promise.resolve(auditor),
  });
});
afterAll(() => app.close());

const cacheOf = async (path: string): Promise<unknown> => {
  const { statusCode, headers } = await app.inject(`/audit/${path}`);
  expect(statusCode).toBe(200);
  return headers['cache-control'];
};

test('A bundle of entries is kept by no cache, whole or not; tiles of hashes are kept for ever', async () => {
  for (const path of ['tile/entries/000', 'tile/entries/000.p/1']) expect(await cacheOf(path)).toBe('no-store');
  expect(await cacheOf('tile/0/000')).toMatch(/public.*immutable/);
  for (const path of ['checkpoint', 'vkey']) expect(await cacheOf(path)).toBe('no-store');
});

test('Who may not have it is given nothing of a bundle', async () => {
  asked.length = 0;
  const { statusCode, body } = await app.inject('/audit/tile/entries/001');
  expect(statusCode).not.toBe(200);
  expect(body).not.toContain('secret');
  expect(asked).toEqual(['wu 001']);
});
