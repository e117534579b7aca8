import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { CallerOrganisation } from '../../core/access/caller.ts';
import { defaultLimits } from '../../core/platform/county-config.ts';
import { AppError } from '../../core/platform/errors.ts';
import { createLog } from '../../core/platform/log.ts';
import { createMetrics } from '../../core/platform/metrics.ts';
import { openDemoIssuer } from '../../demo/issuer/issuer.ts';
import type { DemoIssuer } from '../../demo/issuer/issuer.ts';
import { createSmallGraph, supergraphSdl } from '../../test/kit/small-graph.ts';
import { createAuthenticator } from '../edge/caller.ts';
import { createFederatedGateway } from '../executor/gateway.ts';
import { createLocalDataSource } from '../executor/local.ts';
import { createGatewayServer } from './server.ts';
import type { GatewayServer, GatewayServerOptions } from './server.ts';

const centre: CallerOrganisation = {
  id: 'org_1',
  code: 'centre',
  kind: 'CENTRE',
  path: 'county/centre/',
  selfAndAbove: ['org_1'],
  sources: [],
};
const folder = mkdtempSync(join(tmpdir(), 'gateway-'));
const clock = { wall: () => new Date('2026-03-01T08:00:00Z') };
const lines: string[] = [];
const log = createLog({ level: 'debug', out: { write: (line) => lines.push(line) } });
const graph = createSmallGraph();

let issuer: DemoIssuer;
let issuerServer: { close(): Promise<void> };
let server: GatewayServer;
let token: string;
let ready = true;

const start = (port = 0, more: Partial<GatewayServerOptions> = {}): Promise<GatewayServer> =>
  createGatewayServer({
    host: '127.0.0.1',
    port,
    gateway: createFederatedGateway({
      supergraphSdl,
      dataSources: ({ name }) =>
        createLocalDataSource({ subgraph: name === 'courts' ? graph.courts : graph.registry, readers: new Map(), log }),
      hooks: graph.hooks,
      log,
    }),
    authenticate: createAuthenticator({
      issuer: issuer.url,
      audience: 'maplebridge',
      organisationByCode: (code) => Promise.resolve(code === 'centre' ? centre : null),
      clock,
      acceptCookie: true,
    }),
    limits: defaultLimits,
    clock,
    log,
    metrics: createMetrics({ process: false }),
    readiness: { database: () => ready },
    demo: { firstQuery: '{ me { subject } }', signIn: (ticket) => issuer.redeemTicket(ticket) },
    ...more,
  });

beforeAll(async () => {
  issuer = await openDemoIssuer({ folder, audience: 'maplebridge', clock });
  issuerServer = await issuer.serve();
  token = await issuer.mintToken({ org: 'centre', roles: ['centre.operator'], subject: 'li', name: '李梅' });
  server = await start();
});
afterEach(() => {
  graph.events.length = 0;
  lines.length = 0;
  graph.durable = () => Promise.resolve();
  graph.meanwhile = () => Promise.resolve();
});
afterAll(async () => {
  await server.close();
  await issuerServer.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[];
}

const send = async (
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; answer: Answer; text: string }> => {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      'x-purpose': 'mediation',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, answer: JSON.parse(text) as Answer, text };
};
const ask = async (
  query: string,
  variables?: Record<string, unknown>,
  headers?: Record<string, string>,
): Promise<Answer> => (await send({ query, variables }, headers)).answer;

test('A question over two subgraphs is answered, with one context each, and made durable before it leaves', async () => {
  expect(await ask('{ person(id: "1") { name courtCases { nodes { id cause } } } }')).toEqual({
    data: { person: { name: '人1', courtCases: { nodes: [{ id: 'case-1', cause: '民间借贷纠纷' }] } } },
  });
  expect(graph.events.map((event) => event.split(' ').slice(0, 2).join(' ')).sort()).toEqual([
    'courts context',
    'durable',
    'registry context',
  ]);
});

test('What cannot be made durable is not answered', async () => {
  graph.durable = () => Promise.reject(new AppError('INTERNAL', 'It could not be written down.', { retryable: true }));
  const { answer, status } = await send({ query: '{ person(id: "1") { name } }' });
  expect(status).toBe(500);
  expect(answer.data ?? null).toBeNull();
  expect(answer.errors?.[0]).toMatchObject({
    message: 'It could not be written down.',
    extensions: { code: 'INTERNAL' },
  });
});

test('The caller, the purpose and a Chinese reason reach the resolvers', async () => {
  const me = '{ me { subject organisation purpose reason } }';
  const reason = '当面核对身份';
  expect(await ask(me, {}, { 'x-reason': encodeURIComponent(reason) })).toEqual({
    data: { me: { subject: 'li', organisation: 'centre', purpose: 'mediation', reason } },
  });
  expect((await ask(me, {}, { 'x-reason': Buffer.from(reason).toString('latin1') })).data).toMatchObject({
    me: { reason },
  });
  expect((await ask(me, {}, { 'x-reason': '50 % of it' })).data).toMatchObject({ me: { reason: '50 % of it' } });
});

test('A purpose is needed where the selection reaches a person, and only there', async () => {
  for (const query of [
    '{ person(id: "1") { id } }',
    '{ persons(filter: {name: "x"}) { totalCount } }',
    'query Q { me { subject } ...F } fragment F on Query { personByCitizenId(number: "1") { __typename } }',
    'mutation { rename(id: "1", name: "x") { id } }',
  ]) {
    const { status, answer } = await send({ query }, { 'x-purpose': '' });
    expect(status).toBe(400);
    expect(answer.errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'x-purpose' });
  }
  expect((await ask('{ me { subject } __typename }', {}, { 'x-purpose': '' })).errors).toBeUndefined();
  expect((await ask('{ me { subject } }', {}, { 'x-purpose': 'curiosity' })).errors?.[0]?.extensions).toMatchObject({
    field: 'x-purpose',
  });
});

test('Every way of not being signed in looks the same', async () => {
  const mint = (change: object, seconds?: number) =>
    issuer.mintToken({ org: 'centre', roles: ['centre.operator'], subject: 'li', name: 'L', ...change }, seconds);
  const otherFolder = join(folder, 'other');
  const foreign = await openDemoIssuer({ folder: otherFolder, audience: 'maplebridge', clock });
  const tokens = {
    'an expired one': await mint({}, -60),
    'an unknown organisation': await mint({ org: 'nowhere' }),
    'an unknown role': await mint({ roles: ['emperor'] }),
    'no role': await mint({ roles: [] }),
    'a foreign issuer': await foreign.mintToken({
      org: 'centre',
      roles: ['centre.operator'],
      subject: 'li',
      name: 'L',
    }),
    'a sign-in ticket': await issuer.mintTicket({
      org: 'centre',
      roles: ['centre.operator'],
      subject: 'li',
      name: 'L',
    }),
    unsigned: `${Buffer.from('{"alg":"none"}').toString('base64url')}.${(await mint({})).split('.')[1]}.`,
    nonsense: 'abc',
  };
  const answers = new Set<string>();
  for (const bearer of Object.values(tokens)) {
    const { status, text } = await send({ query: '{ me { subject } }' }, { authorization: `Bearer ${bearer}` });
    expect(status).toBe(401);
    answers.add(text);
  }
  answers.add((await send({ query: '{ __schema { types { name } } }' }, { authorization: '' })).text);
  expect([...answers]).toHaveLength(1);
  expect([...answers][0]).toContain('UNAUTHENTICATED');
});

test.each([
  ['depth', `{ person(id: "1") ${'{ friends { nodes '.repeat(8)} { id } ${'} }'.repeat(8)} }`],
  ['aliases', `{ ${Array.from({ length: 31 }, (_, i) => `a${i}: courtCount`).join(' ')} }`],
  ['root fields', `{ ${'courtCount '.repeat(21)} }`],
  ['tokens', `{ ${'courtCount '.repeat(5001)} }`],
  [
    'list sizes',
    '{ persons(filter: {name: "x"}, first: 100) { nodes { friends(first: 100) { nodes { friends(first: 100) { totalCount } } } } } }',
  ],
  [
    'a bomb of fragments',
    `{ ...F0 } ${Array.from({ length: 30 }, (_, i) => `fragment F${i} on Query { courtCount ...F${i + 1} ...F${i + 1} }`).join(' ')} fragment F30 on Query { courtCount }`,
  ],
])('A query beyond the limits is refused as too complex: %s', async (_what, query) => {
  const { status, answer } = await send({ query });
  expect(status).toBe(400);
  expect(answer.errors?.map(({ extensions }) => extensions['code'])).toContain('QUERY_TOO_COMPLEX');
});

test('List sizes count from variables too, and one outside 1 to 100 is the field’s own to refuse', async () => {
  const query =
    'query ($n: Int = 100) { persons(filter: {name: "x"}, first: $n) { nodes { friends(first: $n) { nodes { friends(first: $n) { totalCount } } } } } }';
  expect((await ask(query)).errors?.[0]?.extensions['code']).toBe('QUERY_TOO_COMPLEX');
  expect((await ask(query, { n: 3 })).errors).toBeUndefined();
  expect((await ask('{ persons(filter: {name: "x"}, first: 101) { totalCount } }')).errors?.[0]).toMatchObject({
    message: 'first must be from 1 to 100.',
    path: ['persons'],
    extensions: { code: 'BAD_USER_INPUT', field: 'first' },
  });
});

test('A cycle of fragments is refused, not followed', async () => {
  const answer = await ask('{ person(id: "1") { ...A } } fragment A on Person { friends { nodes { ...A } } }');
  expect(answer.errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
});

test('An editor’s introspection is answered to whoever is signed in', async () => {
  const { getIntrospectionQuery } = await import('graphql');
  const answer = await ask(
    getIntrospectionQuery({ descriptions: true, inputValueDeprecation: true, oneOf: true }),
    {},
    { 'x-purpose': '' },
  );
  expect(answer.errors).toBeUndefined();
  expect(JSON.stringify(answer.data)).not.toContain('courtGrant');
});

test('A variable that does not fit is named by its place', async () => {
  const query = 'query ($f: PersonFilter!) { persons(filter: $f) { totalCount } }';
  const fieldOf = async (f: unknown) => (await ask(query, { f })).errors?.[0]?.extensions;
  expect(await fieldOf({ name: 12345 })).toEqual({ code: 'BAD_USER_INPUT', field: 'f.name' });
  expect(await fieldOf({ name: 'x', parts: [{ role: 'MALE' }, { role: '张三' }] })).toMatchObject({
    field: 'f.parts.1.role',
  });
  expect(await fieldOf({ name: 'x', parts: [{}] })).toMatchObject({ field: 'f.parts.0.role' });
  expect(await fieldOf({ name: 'x', bornOn: 'yesterday' })).toMatchObject({ code: 'BAD_USER_INPUT', field: 'f' });
  expect(await fieldOf(null)).toMatchObject({ field: 'f' });
  expect((await ask('{ bornOn(day: "yesterday") }')).errors?.[0]).toMatchObject({
    path: ['bornOn'],
    extensions: { field: 'day' },
  });
});

test('A mistake in the query is explained with the schema’s own names only', async () => {
  const message = async (query: string) => (await ask(query)).errors?.[0]?.message;
  expect(await message('{ person(id: "1") { nme } }')).toBe('`Person` has no such field. Did you mean `name`?');
  expect(await message('{ persons(filter: {name: "x", sex: FEMAL}) { totalCount } }')).toMatch(
    /`Sex` has no such value. Did you mean `FEMALE`/,
  );
  expect(await message('{ person { id } }')).toBe('The field `person` needs the argument `id`.');
  expect(await message('{ person(id: "11010519491231002X')).toBe('The query is not valid GraphQL at this place.');
});

test('Nothing that was submitted comes back in an error or reaches the log', async () => {
  const digits = fc.integer({ min: 1_000_000_000, max: 9_999_999_999 }).map((n) => `110105${n}${n % 97}`);
  const chinese = fc
    .array(fc.constantFrom(...'张王李赵欧阳娜伟梅建国司马'), { minLength: 2, maxLength: 5 })
    .map((all) => all.join(''));
  const secret = fc.oneof(digits, chinese);
  const forms: ((value: string) => unknown)[] = [
    (v) => ({
      query: 'query ($n: Int) { persons(filter: {name: "x"}, first: $n) { totalCount } }',
      variables: { n: v },
    }),
    (v) => ({
      query: 'query ($f: PersonFilter!) { persons(filter: $f) { totalCount } }',
      variables: { f: { name: 'x', [v]: v } },
    }),
    (v) => ({
      query: 'query ($f: PersonFilter!) { persons(filter: $f) { totalCount } }',
      variables: { f: { name: 'x', sex: v } },
    }),
    (v) => ({
      query: 'query ($f: PersonFilter!) { persons(filter: $f) { totalCount } }',
      variables: { f: { name: 'x', bornOn: v } },
    }),
    (v) => ({ query: 'query ($f: PersonFilter!) { persons(filter: $f) { totalCount } }', variables: { f: v } }),
    (v) => ({ query: `{ bornOn(day: "${v}") }` }),
    (v) => ({ query: `{ persons(filter: {name: "x", sex: "${v}"}) { totalCount } }` }),
    (v) => ({ query: `{ persons(filter: "${v}") { totalCount } }` }),
    (v) => ({ query: `{ echo(text: "${v}") }` }),
    (v) => ({ query: 'query ($t: String!) { echo(text: $t) }', variables: { t: v } }),
    (v) => ({ query: `{ ${v} }` }),
    (v) => ({ query: `{ person(id: ${v}) { id } ${v}` }),
    (v) => ({ query: `{ "${v}" }` }),
    (v) => ({ query: `{ x${v} }` }),
    (v) => ({ query: `query A { courtCount } query B { courtCount }`, operationName: v }),
    (v) => ({ query: '{ courtCount }', variables: v }),
    (v) => ({ query: '{ courtCount }', extensions: v }),
    (v) => ({ query: '{ courtCount }', extensions: { persistedQuery: { version: v, sha256Hash: v } } }),
    (v) => `{"query": "{ courtCount }" ${v}`,
    (v) => v,
    (v) => [{ query: v }],
  ];
  for (const form of forms) {
    await fc.assert(
      fc.asyncProperty(secret, async (value) => {
        const { answer, status, text } = await send(form(value));
        if (status === 200 && !answer.errors) return;
        expect(text).not.toContain(value);
        expect(lines.join('')).not.toContain(value);
        expect(text).not.toMatch(/stacktrace|node_modules/);
      }),
      { numRuns: 4, seed: 7 },
    );
  }
}, 60_000);

test('A fault inside is INTERNAL with a log id; the log has it without a person’s data', async () => {
  const answer = await ask('{ break }');
  const error = answer.errors?.[0];
  expect(error).toMatchObject({ path: ['break'], extensions: { code: 'INTERNAL' } });
  const logged = lines.filter((line) => line.includes(String(error?.extensions['logId'])) && line.includes('resolver'));
  expect(logged).toHaveLength(1);
  expect(JSON.stringify(answer) + lines.join('')).not.toMatch(/张三|11010519491231002/);
});

test('Batches, other media types, mutations by GET, other sites’ forms and huge bodies are refused', async () => {
  const headers = { authorization: `Bearer ${token}`, 'x-purpose': 'mediation' };
  const statusOf = async (path: string, init: RequestInit = {}) =>
    (await fetch(`${server.url}${path}`, { headers, ...init })).status;
  expect((await send([{ query: '{ courtCount }' }, { query: '{ courtCount }' }])).status).toBe(400);
  expect(
    await statusOf('/graphql', {
      method: 'POST',
      body: 'query=x',
      headers: { ...headers, 'content-type': 'text/plain' },
    }),
  ).toBe(415);
  expect(await statusOf('/graphql?query={courtCount}')).toBe(400);
  const preflight = { ...headers, 'apollo-require-preflight': '1' };
  expect(await statusOf('/graphql?query={courtCount}', { headers: preflight })).toBe(200);
  expect(await statusOf('/graphql?query=mutation{rename(id:"1",name:"x"){id}}', { headers: preflight })).toBe(405);
  const huge = await send({ query: `{ courtCount } # ${'x'.repeat(300_000)}` });
  expect(huge.status).toBe(413);
  expect(huge.answer.errors?.[0]?.extensions['code']).toBe('QUERY_TOO_COMPLEX');
});

test('A sign-in link sets a cookie that no script and no other site can use, and GraphiQL answers with it', async () => {
  const ticket = await issuer.mintTicket({ org: 'centre', roles: ['centre.supervisor'], subject: 'wang', name: '王' });
  const response = await fetch(`${server.url}/sign-in?ticket=${ticket}`, { redirect: 'manual' });
  expect([response.status, response.headers.get('location')]).toEqual([303, '/graphql']);
  const cookie = response.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/; HttpOnly; SameSite=Strict; Path=\//);
  const answered = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: `a=b; ${cookie.split(';')[0]}` },
    body: '{"query":"{ me { subject } }"}',
  });
  expect(await answered.json()).toEqual({ data: { me: { subject: 'wang' } } });
  expect((await fetch(`${server.url}/sign-in?ticket=x`)).status).toBe(400);
});

test('Browsers get a start page and an editor that load nothing from elsewhere', async () => {
  const get = (path: string) => fetch(`${server.url}${path}`, { headers: { accept: 'text/html,*/*' } });
  const start = await get('/');
  expect(start.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(await start.text()).toMatch(/枫桥.*href="\/graphql"/s);
  const editor = await get('/graphql');
  expect(editor.headers.get('content-security-policy')).toContain("connect-src 'self'");
  const html = await editor.text();
  expect(html).toContain('{ me { subject } }');
  expect(html).not.toMatch(/<(script|link|img)[^>]+(src|href)="https?:/);
});

test('Health, metrics and unknown addresses', async () => {
  const get = async (path: string) => fetch(`${server.url}${path}`);
  expect((await get('/livez')).status).toBe(200);
  expect(await (await get('/readyz')).json()).toEqual({ status: 'ok', checks: { database: true } });
  ready = false;
  expect((await get('/readyz')).status).toBe(503);
  ready = true;
  await ask('{ courtCount }');
  const metrics = await (await get('/metrics')).text();
  expect(metrics).toMatch(/maplebridge_graphql_operations_total\{kind="query",outcome="OK"\}/);
  expect(metrics).toMatch(/maplebridge_http_request_seconds_count\{method="POST",route="\/graphql",status="200"\}/);
  const missing = await get('/person/11010519491231002X');
  expect([missing.status, missing.headers.get('content-type')]).toEqual([
    404,
    'application/problem+json; charset=utf-8',
  ]);
  expect((await missing.text()) + lines.join('')).not.toContain('11010519491231002');
});

test('A port in use is one clear sentence', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  await expect(start(port)).rejects.toThrow(
    `Port ${port} is in use by another program; stop it, or set PORT to another port.`,
  );
  await new Promise((resolve) => other.close(resolve));
});

test('Stopping lets a request under way finish and takes no other', async () => {
  const second = await start();
  let release = () => undefined as void;
  const reached = new Promise<void>((arrived) => {
    graph.meanwhile = () => {
      arrived();
      return new Promise((resolve) => {
        release = resolve;
      });
    };
  });
  const answer = fetch(`${second.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'x-purpose': 'mediation' },
    body: '{"query":"{ person(id: \\"1\\") { name } }"}',
  });
  await reached;
  const closed = second.close();
  await expect(fetch(`${second.url}/livez`)).rejects.toThrow();
  release();
  expect(await (await answer).json()).toEqual({ data: { person: { name: '人1' } } });
  await closed;
});

/** What the server takes for the caller's address when `from` connects and says it speaks for others. */
const addressSeen = (url: string, from: string, forwarded?: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
    get(new URL('/address', url), { localAddress: from, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });

test.each([
  ['nobody is believed when no proxy is trusted', undefined, '127.0.0.2', '10.1.2.3', '127.0.0.2'],
  ['the trusted proxy is believed', ['127.0.0.2/32'], '127.0.0.2', '10.1.2.3', '10.1.2.3'],
  ['another is not believed beside it', ['127.0.0.2/32'], '127.0.0.3', '10.1.2.3', '127.0.0.3'],
  ['without the header it is the proxy', ['127.0.0.2/32'], '127.0.0.2', undefined, '127.0.0.2'],
  [
    'what a caller puts before the proxy’s word is not believed',
    ['127.0.0.0/30'],
    '127.0.0.2',
    '8.8.8.8, 10.1.2.3',
    '10.1.2.3',
  ],
  ['a second trusted proxy is passed over', ['127.0.0.0/30'], '127.0.0.2', '10.1.2.3, 127.0.0.1', '10.1.2.3'],
] as const)('Of the address in X-Forwarded-For: %s', async (_, trustProxy, from, forwarded, seen) => {
  const other = await start(0, {
    ...(trustProxy && { trustProxy }),
    routes: (app) => void app.get('/address', (request) => request.ip),
  });
  expect(await addressSeen(other.url, from, forwarded)).toBe(seen);
  await other.close();
});
