import { composeServices } from '@apollo/composition';
import type { ServiceDefinition } from '@apollo/federation-internals';
import { ApolloServer } from '@apollo/server';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, parse } from 'graphql';
import type { DocumentNode } from 'graphql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../../core/platform/errors.ts';
import { silentLog } from '../../core/platform/log.ts';
import { NO_LINKS, type GatewayContext } from './data-source.ts';
import { createFederatedGateway, type FederatedGateway } from './gateway.ts';
import type { FetchedObject } from './run/fetched.ts';

const HEAD = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])`;
const before = parse(`${HEAD} type Query { greeting: String farewell: String }`);
const after = parse(`${HEAD} type Query { greeting: String season: String }`);
const sdlOf = (typeDefs: DocumentNode, url = 'http://one.invalid', others: readonly ServiceDefinition[] = []): string =>
  composeServices([{ name: 'words', typeDefs, url }, ...others]).supergraphSdl ?? '';

const REFUSED = 'http://refused.invalid';
/** One of them cannot be had; by whichever end one begins, another is opened before it. */
const OTHERS = ['http://first.invalid', REFUSED].map((url, at) => ({
  name: `other${at}`,
  typeDefs: parse(`${HEAD} type Query { other${at}: String }`),
  url,
}));

/** What each source was asked: every source says which it is. */
let opened: string[];
let closed: string[];
let asked: string[];
/** Held back until it is opened. */
let gate: Promise<void>;
let gateway: FederatedGateway;
let server: ApolloServer<GatewayContext>;

beforeEach(async () => {
  [opened, closed, asked] = [[], [], []];
  gate = Promise.resolve();
  gateway = createFederatedGateway({
    supergraphSdl: sdlOf(before),
    dataSources({ url = '' }) {
      if (url === REFUSED) throw new AppError('BAD_USER_INPUT', 'There is no such service.');
      opened.push(url);
      return {
        async fetch({ operation }) {
          asked.push(operation.query);
          await gate;
          const schema = buildSubgraphSchema({
            typeDefs: /season/.test(operation.query) ? after : before,
            resolvers: { Query: { greeting: () => url, farewell: () => 'bye', season: () => 'autumn' } },
          });
          const { data } = await execute({ schema, document: operation.document });
          return { data: data as FetchedObject };
        },
        links: () => NO_LINKS,
        close: () => Promise.resolve(void closed.push(url)),
      };
    },
    log: silentLog,
    knownOperations: ['{ greeting }', '{ nonsense'],
  });
  server = new ApolloServer<GatewayContext>({ gateway, stopOnTerminationSignals: false, apollo: {} });
  await server.start();
});
afterEach(() => server.stop());

const ask = async (query: string): Promise<unknown> => {
  const { body } = await server.executeOperation({ query }, { contextValue: { caller: null, requestId: 'r' } });
  if (body.kind !== 'single') throw new Error('incremental');
  const { data, errors } = body.singleResult;
  return errors ? errors.map(({ message }) => message) : { ...data };
};

test('Another supergraph is served from the moment it is loaded, and what it does not have is refused', async () => {
  expect(await ask('{ greeting farewell }')).toEqual({ greeting: 'http://one.invalid', farewell: 'bye' });
  await gateway.reload(sdlOf(after));
  expect(await ask('{ greeting season }')).toEqual({ greeting: 'http://one.invalid', season: 'autumn' });
  expect(await ask('{ farewell }')).toEqual(['Cannot query field "farewell" on type "Query".']);
  // The same service at the same address is the same connection.
  expect(opened).toEqual(['http://one.invalid']);
});

test('A request that is under way ends on the supergraph it began with', async () => {
  let open = (): void => undefined;
  gate = new Promise<void>((resolve) => (open = resolve));
  const answer = ask('{ farewell }');
  while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await gateway.reload(sdlOf(after, 'http://two.invalid'));
  open();
  expect(await answer).toEqual({ farewell: 'bye' });
  expect(await ask('{ greeting }')).toEqual({ greeting: 'http://two.invalid' });
  expect(closed).toEqual([]);
});

test('What cannot be served changes nothing', async () => {
  await expect(gateway.reload('type Query { a: Int }')).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  await expect(gateway.reload('nonsense {')).rejects.toThrow('The supergraph cannot be served');
  expect(await ask('{ farewell }')).toEqual({ farewell: 'bye' });
});

test('Of a supergraph with a service that cannot be had, what was opened is closed, and nothing that is in use', async () => {
  for (const url of ['http://one.invalid', 'http://two.invalid'])
    await expect(gateway.reload(sdlOf(before, url, OTHERS))).rejects.toThrow('There is no such service.');
  expect(opened.length).toBeGreaterThan(1);
  expect(closed).toEqual(opened.slice(1));
  expect(await ask('{ greeting }')).toEqual({ greeting: 'http://one.invalid' });
});

test('All subgraphs are closed in the end, also those of a supergraph that was replaced', async () => {
  await gateway.reload(sdlOf(before, 'http://two.invalid'));
  await server.stop();
  expect(closed.sort()).toEqual(['http://one.invalid', 'http://two.invalid']);
});

test('Of two supergraphs that come at once the later is served in the end', async () => {
  await Promise.all([gateway.reload(sdlOf(after)), gateway.reload(sdlOf(before, 'http://two.invalid'))]);
  expect(await ask('{ greeting farewell }')).toEqual({ greeting: 'http://two.invalid', farewell: 'bye' });
});
