import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, getOperationAST, parse } from 'graphql';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import { beforeEach, expect, test } from 'vitest';
import { NO_LINKS, type SubgraphDataSource, type SubgraphRequest } from '../data-source.ts';
import { createExecutor, type Executor, type ExecutorAnswer } from '../executor.ts';
import { loadSupergraph } from '../supergraph/supergraph.ts';
import type { FetchedObject } from './fetched.ts';

/** Parcels: each service knows one thing of them, and `insurance` and `postage` are reckoned from what others know. */
const HEAD = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@shareable", "@requires", "@external"])`;
const SUBGRAPHS: Readonly<Record<string, DocumentNode>> = {
  list: parse(`${HEAD} type Query { parcel: Parcel parcels: [Parcel!] } type Mutation { send(id: ID!): Parcel }
    type Parcel @key(fields: "id") { id: ID! label: String next: Parcel }`),
  price: parse(
    `${HEAD} type Mutation { reprice(id: ID!): Parcel } type Parcel @key(fields: "id") { id: ID! price: Int }`,
  ),
  weight: parse(`${HEAD} type Parcel @key(fields: "id") { id: ID! weight: Int }`),
  insurance: parse(
    `${HEAD} type Parcel @key(fields: "id") { id: ID! price: Int @external insurance: Int @requires(fields: "price") }`,
  ),
  postage: parse(
    `${HEAD} type Parcel @key(fields: "id") { id: ID! price: Int @external weight: Int @external postage: Int @requires(fields: "price weight") }`,
  ),
};

const same = (value: unknown): unknown => value;
const RESOLVERS = {
  Query: { parcel: () => ({ id: '1' }), parcels: () => [{ id: '1' }, { id: '2' }, { id: '1' }] },
  Mutation: {
    send: (_: unknown, { id }: { id: string }) => ({ id }),
    reprice: (_: unknown, { id }: { id: string }) => ({ id }),
  },
  Parcel: {
    __resolveReference: same,
    label: ({ id }: { id: string }) => `parcel ${id}`,
    next: ({ id }: { id: string }) => (Number(id) < 3 ? { id: String(Number(id) + 1) } : null),
    price: ({ id }: { id: string }) => Number(id) * 10,
    weight: () => 3,
    insurance: ({ price }: { price: number }) => price + 1,
    postage: ({ price, weight }: { price: number; weight: number }) => price * weight,
  },
};

const composed = composeServices(
  Object.entries(SUBGRAPHS).map(([name, typeDefs]) => ({ name, typeDefs, url: `http://${name}.invalid` })),
);
const supergraph = loadSupergraph(composed.supergraphSdl ?? '');
const schemas = new Map<string, GraphQLSchema>(
  Object.entries(SUBGRAPHS).map(([name, typeDefs]) => {
    const known = Object.keys(RESOLVERS).filter((type) =>
      new RegExp(`type ${type}\\b`).test(typeDefs.loc?.source.body ?? ''),
    );
    const resolvers = Object.fromEntries(
      known.map((type) => {
        const all = RESOLVERS[type as keyof typeof RESOLVERS] as Record<string, unknown>;
        const own = Object.entries(all).filter(
          ([field]) =>
            field.startsWith('__') ||
            typeDefs.loc?.source.body.includes(`${field}:`) ||
            typeDefs.loc?.source.body.includes(`${field}(`),
        );
        return [type, Object.fromEntries(own)];
      }),
    );
    return [name, buildSubgraphSchema({ typeDefs, resolvers: resolvers as never })];
  }),
);

/** What went out and what came, in order. */
let events: string[];
let sent: { readonly service: string; readonly query: string; readonly representations: unknown }[];
/** A service that is in here answers when its gate is opened. */
let gates: Map<string, () => Promise<unknown>>;
/** What a service makes of its answer before it sends it. */
let mangle: Map<string, (data: FetchedObject) => FetchedObject>;
let executor: Executor;

const source = (service: string): SubgraphDataSource => ({
  async fetch({ operation, variables, signal }: SubgraphRequest) {
    events.push(`> ${service}`);
    sent.push({ service, query: operation.query, representations: variables['representations'] });
    await gates.get(service)?.();
    if (signal?.aborted) throw new Error('stopped');
    const { data, errors } = await execute({
      schema: schemas.get(service) as GraphQLSchema,
      document: operation.document,
      variableValues: variables,
    });
    events.push(`< ${service}`);
    const answered = data as FetchedObject;
    return {
      data: mangle.get(service)?.(answered) ?? answered,
      ...(errors && { errors: errors.map((error) => error.toJSON()) }),
    };
  },
  links: () => NO_LINKS,
  close: () => Promise.resolve(),
});

beforeEach(() => {
  events = [];
  sent = [];
  gates = new Map();
  mangle = new Map();
  executor = createExecutor({ supergraph, source });
});

function run(query: string, signal?: AbortSignal): Promise<ExecutorAnswer> {
  const document = parse(query);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('no operation');
  const context = { caller: null, requestId: 'r' };
  return executor.execute({ key: query, document, operation, variables: {}, context, ...(signal && { signal }) });
}

/** Lets go on whatever does not wait for a gate. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

test('A slow subgraph holds up only what needs it: what the planner has wait for it arrives all the same', async () => {
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  gates.set('insurance', () => gate);
  const answer = run('{ parcel { insurance postage } }');
  await settled();
  // Postage comes last in the planner's sequence, after insurance.
  expect(events).toContain('< postage');
  expect(events).not.toContain('< insurance');
  open();
  expect((await answer).data).toEqual({ parcel: { insurance: 11, postage: 30 } });
});

test('Each entity is asked for once, wherever it stands, and its parts are there in every place', async () => {
  const { data } = await run('{ parcels { price } }');
  expect(data).toEqual({ parcels: [{ price: 10 }, { price: 20 }, { price: 10 }] });
  expect(sent[1]?.representations).toEqual([
    { __typename: 'Parcel', id: '1' },
    { __typename: 'Parcel', id: '2' },
  ]);
});

test('Fetches of one service that are ready together are one request, and what is the same in two places one question', async () => {
  const { data } = await run('{ parcel { price next { price } } parcels { price } }');
  expect(data).toEqual({
    parcel: { price: 10, next: { price: 20 } },
    parcels: [{ price: 10 }, { price: 20 }, { price: 10 }],
  });
  expect(events.filter((event) => event === '> price')).toHaveLength(1);
  expect(sent[1]?.query.match(/_entities\(/g)).toHaveLength(1);
});

test('Different questions to one service that are ready together share a request, each with its own entities', async () => {
  const { data } = await run('{ parcel { worth: price } parcels { price } }');
  expect(data).toEqual({ parcel: { worth: 10 }, parcels: [{ price: 10 }, { price: 20 }, { price: 10 }] });
  expect(events.filter((event) => event === '> price')).toHaveLength(1);
  expect(sent[1]?.query.match(/_entities\(/g)).toHaveLength(2);
});

test('The same name for different things in two places does not mix them', async () => {
  const { data } = await run('{ parcel { x: price next { y: label } } parcels { x: weight next { y: price } } }');
  expect(data).toEqual({
    parcel: { x: 10, next: { y: 'parcel 2' } },
    parcels: [
      { x: 3, next: { y: 20 } },
      { x: 3, next: { y: 30 } },
      { x: 3, next: { y: 20 } },
    ],
  });
});

test('What is done is done in the order that was asked for, each with all that belongs to it', async () => {
  const { data } = await run(
    'mutation { a: send(id: "1") { price } b: reprice(id: "2") { label } c: send(id: "3") { weight } }',
  );
  expect(data).toEqual({ a: { price: 10 }, b: { label: 'parcel 2' }, c: { weight: 3 } });
  expect(sent.map(({ service }) => service)).toEqual(['list', 'price', 'price', 'list', 'list', 'weight']);
  expect(events.filter((event, index) => event.startsWith('>') && events[index + 1] !== `<${event.slice(1)}`)).toEqual(
    [],
  );
});

test('When the client goes, no more is asked; of what is to be done nothing is left out', async () => {
  const gone = new AbortController();
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  gates.set('list', () => gate);
  const [asked, acted] = [
    run('{ parcel { price } }', gone.signal),
    run('mutation { send(id: "1") { price } }', gone.signal),
  ];
  gone.abort();
  open();
  await expect(asked).rejects.toThrow('Nobody waits');
  expect((await acted).data).toEqual({ send: { price: 10 } });
  expect(events.filter((event) => event === '> price')).toHaveLength(1);
});

test('A subgraph that fails costs its own part, with an error for each place', async () => {
  gates.set('price', () => Promise.reject(new Error('gone')));
  const { data, errors } = await run('{ parcels { label price } }');
  expect(data).toEqual({
    parcels: [1, 2, 1].map((id) => ({ label: `parcel ${id}`, price: null })),
  });
  expect(errors.map(({ path, extensions }) => [path, extensions])).toEqual(
    [0, 1, 2].map((index) => [['parcels', index, 'price'], { code: 'SOURCE_UNAVAILABLE', service: 'price' }]),
  );
});

test.each<[string, (entities: FetchedObject[]) => unknown]>([
  ['that leaves somebody out', ([, second]) => [second]],
  ['that says more than was asked', (all) => [...all, ...all]],
  ['that is no list', () => null],
  ['with something else in it', ([, second]) => ['nobody', second]],
])('An answer %s is taken for nobody: what is one’s would stand under another', async (_what, change) => {
  mangle.set(
    'price',
    ({ _entities: entities }) => ({ _entities: change(entities as FetchedObject[]) }) as FetchedObject,
  );
  const { data, errors } = await run('{ parcels { label price } }');
  expect(data).toEqual({ parcels: [1, 2, 1].map((id) => ({ label: `parcel ${id}`, price: null })) });
  expect(errors.map(({ path }) => path)).toEqual([0, 1, 2].map((index) => ['parcels', index, 'price']));
});

test('A name that changes every object is no field, whoever says it', async () => {
  const poisoned = (data: FetchedObject) =>
    JSON.parse(`${JSON.stringify(data).slice(0, -1)},"__proto__":{"price":666}}`) as FetchedObject;
  mangle.set('list', poisoned);
  mangle.set('price', () => ({ _entities: [poisoned({}), poisoned({})] }));
  const { data } = await run('{ parcels { label price } }');
  expect(data).toEqual({ parcels: [1, 2, 1].map((id) => ({ label: `parcel ${id}`, price: null })) });
  expect(({} as FetchedObject)['price']).toBeUndefined();
});

test('A plan whose services answer at once waits for no turn of the event loop', async () => {
  let isTurned = false;
  const turn = setImmediate(() => (isTurned = true));
  const { data, errors } = await run('{ parcel { insurance postage } }');
  expect(isTurned).toBe(false);
  expect(errors).toEqual([]);
  expect(data).toEqual({ parcel: { insurance: 11, postage: 30 } });
  expect(sent.map(({ service }) => service)).toEqual(['list', 'price', 'weight', 'insurance', 'postage']);
  clearImmediate(turn);
});
