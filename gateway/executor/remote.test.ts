import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApolloServer } from '@apollo/server';
import type { GraphQLFormattedError } from 'graphql';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Caller } from '../../core/access/caller.ts';
import { defaultLimits } from '../../core/platform/county-config.ts';
import { createKeyring } from '../../core/platform/keyring.ts';
import { silentLog } from '../../core/platform/log.ts';
import { createMetrics } from '../../core/platform/metrics.ts';
import { createSmallGraph, supergraphSdl } from '../../test/kit/small-graph.ts';
import { createGraphql } from '../http/apollo.ts';
import { createCallerTokens } from './caller-token.ts';
import type { GatewayContext } from './data-source.ts';
import { createFederatedGateway } from './gateway.ts';
import { createOrigins } from './origins.ts';
import { createRemoteDataSource } from './remote.ts';
import { createSubgraphServer } from './subgraph-server.ts';
import type { SubgraphServer } from './subgraph-server.ts';

const keyring = createKeyring(Buffer.alloc(32, 1));
let now = new Date('2026-03-01T08:00:00Z');
const clock = { wall: () => now };
const graph = createSmallGraph();
const caller: Caller = {
  subject: 'li',
  name: '李梅',
  organisation: { id: 'org_1', code: 'centre', kind: 'CENTRE', path: 'centre/', selfAndAbove: ['org_1'], sources: [] },
  roles: ['centre.operator'],
  purpose: 'mediation',
  reason: '当面核对',
  requestId: 'req_1',
};

const services = new Map<string, SubgraphServer>();
/** Stands where the courts' service should be and does something else. */
let impostor: Server | null = null;
let apollo: ApolloServer<GatewayContext>;

const serve = async (name: 'registry' | 'courts', port = 0): Promise<void> => {
  services.set(
    name,
    await createSubgraphServer({
      subgraph: graph[name],
      tokens: createCallerTokens(name, keyring, clock),
      host: '127.0.0.1',
      port,
      log: silentLog,
    }),
  );
};
const urlOf = (name: string): string => services.get(name)?.url ?? '';
const portOf = (name: string): number => Number(new URL(urlOf(name)).port);

beforeAll(async () => {
  await Promise.all([serve('registry'), serve('courts')]);
  const origins = createOrigins({ connectTimeoutMs: 300 });
  apollo = createGraphql({
    gateway: createFederatedGateway({
      supergraphSdl,
      dataSources: ({ name }) =>
        createRemoteDataSource({
          name,
          url: urlOf(name),
          tokens: createCallerTokens(name, keyring, clock),
          origins,
          log: silentLog,
          timeoutMs: 300,
        }),
      hooks: graph.hooks,
      log: silentLog,
    }),
    limits: defaultLimits,
    log: silentLog,
    metrics: createMetrics({ process: false }),
    newLogId: () => 'log_1',
  });
  await apollo.start();
});
afterEach(async () => {
  graph.events.length = 0;
  graph.durable = () => Promise.resolve();
  if (!impostor) return;
  const { port } = impostor.address() as AddressInfo;
  impostor.closeAllConnections();
  await new Promise((resolve) => impostor?.close(resolve));
  impostor = null;
  await serve('courts', port);
});
afterAll(async () => {
  await apollo.stop();
  await Promise.all([...services.values()].map((service) => service.close()));
});

const replaceCourts = async (handler: Parameters<typeof createServer>[1]): Promise<void> => {
  const port = portOf('courts');
  await services.get('courts')?.close();
  impostor = createServer(handler);
  await new Promise<void>((resolve) => impostor?.listen(port, '127.0.0.1', resolve));
};

const ask = async (query: string): Promise<{ data?: unknown; errors?: readonly GraphQLFormattedError[] }> => {
  const { body } = await apollo.executeOperation({ query }, { contextValue: { caller, requestId: caller.requestId } });
  if (body.kind !== 'single') throw new Error('incremental');
  const { data, errors } = body.singleResult;
  return JSON.parse(JSON.stringify({ data, errors })) as { data?: unknown; errors?: readonly GraphQLFormattedError[] };
};

const both = '{ person(id: "1") { name cases: courtCases { nodes { id } } } }';

test('Subgraphs as services answer as in one process, with the whole caller, and make durable what they show', async () => {
  expect(await ask(both)).toEqual({ data: { person: { name: '人1', cases: { nodes: [{ id: 'case-1' }] } } } });
  expect(await ask('{ me { subject organisation purpose reason } }')).toEqual({
    data: { me: { subject: 'li', organisation: 'centre', purpose: 'mediation', reason: '当面核对' } },
  });
  expect(graph.events).toContain('durable');
});

test('What a service says beside its answer of why somebody may be seen reaches whoever writes it down, not the client', async () => {
  expect(await ask('{ person(id: "1") { name } }')).toEqual({ data: { person: { name: '人1' } } });
  expect(graph.ready?.links).toEqual(new Map([['1', 'DISPUTE']]));
});

test('What cannot be made durable is not shown, whatever services have answered', async () => {
  graph.durable = () => Promise.reject(new Error('disk full'));
  const answer = await ask(both);
  expect(answer.data ?? null).toBeNull();
  expect(answer.errors).toMatchObject([{ extensions: { code: 'INTERNAL' } }]);
});

test.each<[string, Parameters<typeof createServer>[1]]>([
  ['hangs up', (request) => void request.socket.destroy()],
  ['does not answer in time', () => undefined],
  ['answers rubbish', (_request, response) => void response.end('<html>张三</html>')],
  ['answers something else', (_request, response) => void response.end('{"data": 7}')],
  ['refuses', (_request, response) => void response.writeHead(401).end()],
  ['fails', (_request, response) => void response.writeHead(500).end('{"data":{}}')],
])('A service that %s costs its fields a null and an error with the path; the rest stands', async (_what, handler) => {
  await replaceCourts(handler);
  const message = 'The service courts does not answer at the moment; what it holds is missing here.';
  const extensions = { code: 'SOURCE_UNAVAILABLE', service: 'courts' };
  expect(await ask(both)).toEqual({
    data: { person: { name: '人1', cases: null } },
    errors: [{ message, path: ['person', 'cases'], extensions }],
  });
  expect(await ask('{ courtCount me { subject } }')).toEqual({
    data: { courtCount: null, me: { subject: 'li' } },
    errors: [{ message, path: ['courtCount'], extensions }],
  });
  const { errors } = await ask('{ persons(filter: {name: "x"}, first: 2) { nodes { courtCases { nodes { id } } } } }');
  expect(errors?.map(({ path }) => path)).toEqual([
    ['persons', 'nodes', 0, 'courtCases'],
    ['persons', 'nodes', 1, 'courtCases'],
  ]);
});

test('A service that is back answers again by itself', async () => {
  expect(await ask('{ courtCount }')).toEqual({ data: { courtCount: 7 } });
});

test('Errors of a service keep their code, their details and their place', async () => {
  expect((await ask('{ personByCitizenId(number: "11010519491231002X") { id } }')).errors?.[0]).toEqual({
    message: 'This is not a citizen ID: its check digit is wrong.',
    path: ['personByCitizenId'],
    extensions: { code: 'BAD_USER_INPUT', field: 'number' },
  });
  expect((await ask('{ break }')).errors?.[0]?.extensions).toEqual({ code: 'INTERNAL', logId: 'req_1' });
});

test('A service answers nobody but the gateway: not without a token, with another subgraph’s, for another body, later, or under another key', async () => {
  const body = JSON.stringify({ query: '{ courtCount }' });
  const courts = createCallerTokens('courts', keyring, clock);
  const post = async (token: string | null, sent = body) => {
    const response = await fetch(`${urlOf('courts')}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) },
      body: sent,
    });
    return [response.status, await response.text()];
  };
  const good = await courts.sign(caller, body);
  expect(await post(good)).toEqual([200, '{"data":{"courtCount":7}}']);
  const refused = [401, '{}'];
  expect(await post(null)).toEqual(refused);
  expect(await post('nonsense')).toEqual(refused);
  expect(await post(await createCallerTokens('registry', keyring, clock).sign(caller, body))).toEqual(refused);
  expect(await post(good, JSON.stringify({ query: '{ courtCount __typename }' }))).toEqual(refused);
  const otherKeys = createKeyring(Buffer.alloc(32, 2));
  expect(await post(await createCallerTokens('courts', otherKeys, clock).sign(caller, body))).toEqual(refused);
  now = new Date(now.getTime() + 40_000);
  expect(await post(good)).toEqual(refused);
});

test('A service says that it runs and whether it is ready', async () => {
  expect((await fetch(`${urlOf('courts')}/livez`)).status).toBe(200);
  expect((await fetch(`${urlOf('courts')}/readyz`)).status).toBe(200);
  expect((await fetch(`${urlOf('courts')}/graphql`)).status).toBe(404);
});
