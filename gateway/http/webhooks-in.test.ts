import { fastify, type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MAX_INBOUND_BYTES, type Incoming, type Received } from '../../core/delivery/receive.ts';
import { addInboundWebhooks } from './webhooks-in.ts';

let app: FastifyInstance;
let got: Incoming[] = [];
let answer: Received;
beforeEach(() => {
  got = [];
  answer = { status: 202, body: { id: 'msg_1', status: 'accepted' } };
  app = fastify({ bodyLimit: 1_000 });
  addInboundWebhooks(app, {
    receive: async (incoming) => {
      got.push(incoming);
      return answer;
    },
  });
  app.post('/json', (request) => request.body);
});
afterEach(() => app.close());

const post = (payload: string | Buffer, headers: Record<string, string> = {}, url = '/webhooks/in/police') =>
  app.inject({ method: 'POST', url, payload, headers: { 'content-type': 'application/json', ...headers } });

test('The bytes are handed on as they came, with headers, address and the organisation’s code', async () => {
  const raw = Buffer.from('\ufeff{ "type" : "枫" }\n');
  const response = await post(raw, { 'webhook-id': 'a', 'webhook-signature': 'v1,x' });
  expect([response.statusCode, response.json()]).toEqual([202, { id: 'msg_1', status: 'accepted' }]);
  expect(got).toMatchObject([
    { organisationCode: 'police', address: '127.0.0.1', headers: { 'webhook-id': 'a', 'webhook-signature': 'v1,x' } },
  ]);
  expect(got[0]?.rawBody?.equals(raw)).toBe(true);
});

test.each([
  ['that is not JSON', '{', 'application/json'],
  ['of another type', 'a=b', 'application/x-www-form-urlencoded'],
  ['whose type is nonsense', '{}', 'nonsense;;'],
  ['that is empty', '', 'application/json'],
])('A body %s is judged like any other', async (_, payload, type) => {
  expect((await post(payload, { 'content-type': type })).statusCode).toBe(202);
  expect(got[0]?.rawBody?.toString()).toBe(payload);
});

test('A body of exactly 256 kB is handed on, whatever the server’s own limit; of a longer one only that it is', async () => {
  expect((await post(Buffer.alloc(MAX_INBOUND_BYTES, 0x20))).statusCode).toBe(202);
  expect(got[0]?.rawBody).toHaveLength(MAX_INBOUND_BYTES);
  answer = { status: 413, title: 'The message is larger than 256 kB.', code: 'QUERY_TOO_COMPLEX' };
  const response = await post(Buffer.alloc(MAX_INBOUND_BYTES + 1, 0x20));
  expect(response.statusCode).toBe(413);
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(got[1]?.rawBody).toBe(null);
});

test('A body that does not say how long it is is read no further than 256 kB', async () => {
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  answer = { status: 413, title: 'The message is larger than 256 kB.', code: 'QUERY_TOO_COMPLEX' };
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 1;
      if (sent > 6) controller.close();
      else controller.enqueue(Buffer.alloc(64 * 1_024, 0x20));
    },
  });
  const response = await fetch(`${url}/webhooks/in/police`, { method: 'POST', body, duplex: 'half' } as RequestInit);
  expect([response.status, response.headers.get('connection')]).toEqual([413, 'close']);
  expect(got[0]?.rawBody).toBe(null);
});

test('A refusal is problem+json, with what helps to put it right and when to come again', async () => {
  answer = { status: 429, title: 'Too many messages.', code: 'RATE_LIMITED', retryAfter: 7 };
  const busy = await post('{}');
  expect([busy.statusCode, busy.headers['retry-after']]).toEqual([429, '7']);
  expect(busy.json()).toEqual({ type: 'about:blank', title: 'Too many messages.', status: 429, code: 'RATE_LIMITED' });
  const errors = [{ path: 'data.note', problem: 'is missing or not of the type string' }];
  answer = { status: 422, title: 'Not valid.', code: 'BAD_USER_INPUT', errors };
  expect((await post('{}')).json()).toMatchObject({ status: 422, errors });
  answer = { status: 401, title: 'Not verified.', code: 'UNAUTHENTICATED' };
  const bodies = [
    await post('{}'),
    await post('{}', {}, '/webhooks/in/nobody'),
    await post('', {}, '/webhooks/in/%00'),
  ];
  expect(new Set(bodies.map(({ statusCode, body }) => `${statusCode} ${body}`)).size).toBe(1);
});

test('Elsewhere JSON is parsed as ever', async () => {
  expect((await post('{"a":1}', {}, '/json')).json()).toEqual({ a: 1 });
  expect(got).toEqual([]);
});
