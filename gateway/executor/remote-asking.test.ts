/** How a service is asked over HTTP: how often, how long, and for how many at once. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'graphql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLog } from '../../core/platform/log.ts';
import { createOperation, type SubgraphAnswer, type SubgraphDataSource } from './data-source.ts';
import { createOrigins } from './origins.ts';
import { createRemoteDataSource } from './remote.ts';

type Handle = (request: IncomingMessage, response: ServerResponse, number: number) => void;

const ANSWER = '{"data":{"count":7}}';
const QUERY = createOperation(parse('{ count }'), 'query');
const MUTATION = createOperation(parse('mutation { count }'), 'mutation');

let server: Server;
let source: SubgraphDataSource;
let requests: IncomingMessage[];
let handle: Handle;

beforeEach(async () => {
  requests = [];
  handle = (_request, response) => void response.end(ANSWER);
  server = createServer((request, response) => {
    requests.push(request);
    handle(request, response, requests.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  source = open();
});
afterEach(async () => {
  await source.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const open = (more: { readonly timeoutMs?: number; readonly share?: boolean } = {}): SubgraphDataSource => {
  const { port } = server.address() as AddressInfo;
  return createRemoteDataSource({
    name: 'counter',
    url: `http://127.0.0.1:${port}`,
    tokens: null,
    origins: createOrigins({ connectTimeoutMs: 1_000 }),
    log: silentLog,
    ...more,
  });
};

const ask = (
  operation = QUERY,
  variables: Record<string, unknown> = {},
  signal?: AbortSignal,
): Promise<SubgraphAnswer> =>
  source.fetch({
    ...{ operation, variables },
    context: { caller: null, requestId: 'r' },
    ...(signal && { signal }),
  });

const hangUp: Handle = (request) => void request.socket.destroy();

test('A query whose connection breaks is sent once more', async () => {
  handle = (request, response, number) =>
    number === 1 ? hangUp(request, response, number) : void response.end(ANSWER);
  expect(await ask()).toEqual({ data: { count: 7 } });
  expect(requests).toHaveLength(2);
});

test('A mutation is never sent twice', async () => {
  handle = hangUp;
  await expect(ask(MUTATION)).rejects.toThrow('does not answer');
  expect(requests).toHaveLength(1);
});

test('A service that says that it fails is not asked once more', async () => {
  handle = (_request, response) => void response.writeHead(503).end();
  await expect(ask()).rejects.toThrow('does not answer');
  expect(requests).toHaveLength(1);
});

test('A service that says that there is nothing, and not why, has not answered', async () => {
  handle = (_request, response) => void response.end('{"data":null}');
  await expect(ask()).rejects.toThrow('does not answer');
});

test('A service that failed ten times in a row is left alone', async () => {
  handle = (_request, response) => void response.writeHead(500).end();
  for (let time = 0; time < 12; time += 1) await expect(ask()).rejects.toThrow('does not answer');
  expect(requests).toHaveLength(10);
});

test('Errors of GraphQL are answers: however many, the service is asked again', async () => {
  handle = (_request, response) => void response.writeHead(400).end('{"errors":[{"message":"no"}]}');
  for (let time = 0; time < 12; time += 1) expect(await ask()).toEqual({ data: null, errors: [{ message: 'no' }] });
  expect(requests).toHaveLength(12);
});

test('The same query twice at once is one request, and each has an answer of their own', async () => {
  const [one, other] = await Promise.all([ask(), ask(), ask(QUERY, { n: 1 })]);
  expect(requests).toHaveLength(2);
  expect(one).toEqual(other);
  expect(one.data).not.toBe(other.data);
  await ask();
  expect(requests).toHaveLength(3);
});

test('Mutations are not shared, and queries only where that is wanted', async () => {
  await Promise.all([ask(MUTATION), ask(MUTATION)]);
  expect(requests).toHaveLength(2);
  await source.close();
  source = open({ share: false });
  await Promise.all([ask(), ask()]);
  expect(requests).toHaveLength(4);
});

test('A client that goes stops its request, but not one that somebody else waits for', async () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const arrived = new Promise<ServerResponse>((resolve) => {
    handle = (_request, response) => resolve(response);
  });
  const [one, other] = [ask(QUERY, {}, first.signal), ask(QUERY, {}, second.signal)];
  const response = await arrived;
  first.abort();
  response.end(ANSWER);
  expect(await other).toEqual({ data: { count: 7 } });
  expect(await one).toEqual({ data: { count: 7 } });
});

test('When nobody waits any more the connection is given up', async () => {
  const gone = new AbortController();
  const arrived = new Promise<IncomingMessage>((resolve) => {
    handle = (request) => resolve(request);
  });
  const asked = ask(QUERY, {}, gone.signal);
  const request = await arrived;
  gone.abort();
  await expect(asked).rejects.toThrow('Nobody waits');
  if (!request.socket.destroyed) await once(request.socket, 'close');
});

test('A service that takes too long is given up', async () => {
  await source.close();
  source = open({ timeoutMs: 30 });
  handle = () => undefined;
  await expect(ask()).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  expect(requests).toHaveLength(1);
});
