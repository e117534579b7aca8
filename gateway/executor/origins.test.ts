import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { post } from './http-post.ts';
import { createOrigins } from './origins.ts';

const server = createServer((_request, response) => response.end('{}'));
let origin: string;
beforeEach(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const ask = (dispatcher: Parameters<typeof post>[0]) =>
  post(dispatcher, { path: '/graphql', headers: {}, body: '{}', timeoutMs: 5_000 });

test('Services of one origin share its connections, until the last of them leaves', async () => {
  const origins = createOrigins({ connectTimeoutMs: 1_000 });
  const [one, other, elsewhere] = [origins.enter(origin), origins.enter(origin), origins.enter('http://127.0.0.1:9')];
  expect(one.dispatcher).toBe(other.dispatcher);
  expect(one.dispatcher).not.toBe(elsewhere.dispatcher);
  // Twice is once.
  await Promise.all([one.leave(), one.leave(), elsewhere.leave()]);
  expect((await ask(other.dispatcher)).status).toBe(200);
  await other.leave();
  await expect(ask(other.dispatcher)).rejects.toThrow();

  const again = origins.enter(origin);
  expect((await ask(again.dispatcher)).status).toBe(200);
  await again.leave();
});
