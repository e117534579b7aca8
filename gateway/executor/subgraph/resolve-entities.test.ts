/** What `_entities` gives, against @apollo/subgraph's own resolver by graphql-js. */
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, parse, type ExecutionResult } from 'graphql';
import { expect, test } from 'vitest';
import { createOperationRunner, type RunOperation } from './run-operation.ts';

const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])
  interface Held @key(fields: "id") { id: ID! label: String! }
  type Letter implements Held @key(fields: "id") { id: ID! label: String! }
  type Parcel @key(fields: "id") { id: ID! label: String! }
  type Stamp @key(fields: "id") { id: ID! }
  type Note { id: ID! }
`);

type Reference = { readonly id: string };

/** By its id, how an entity comes. */
const comesAs = ({ id }: Reference): unknown => {
  const entity = { id, label: `it is ${id}` };
  switch (id) {
    case 'promised':
      return Promise.resolve(entity);
    case 'named':
      return { __typename: 'Parcel', ...entity };
    case 'named otherwise':
      return { __typename: 'Letter', ...entity };
    case 'frozen':
      return Object.freeze(entity);
    case 'frozen later':
      return Promise.resolve(Object.freeze(entity));
    case 'null':
      return null;
    case 'nothing':
      return undefined;
    case 'null later':
      return Promise.resolve(null);
    case 'text':
      return 'text';
    case 'error':
      return new Error('an error');
    case 'rejected':
      return Promise.reject(new Error('rejected'));
    case 'thrown':
      throw new Error('thrown');
    case 'without a label':
      return { id };
    default:
      return entity;
  }
};

const schema = buildSubgraphSchema({
  typeDefs,
  resolvers: {
    Parcel: { __resolveReference: comesAs },
    Held: { __resolveReference: (reference: Reference) => comesAs(reference), __resolveType: () => 'Letter' },
  },
});

const QUERY = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Parcel { id label }
    ... on Letter { id label }
    ... on Stamp { id }
  }
}`;

const parcel = (id: string) => ({ __typename: 'Parcel', id });

const CASES: Readonly<Record<string, readonly unknown[]>> = {
  none: [],
  'at once': [parcel('1'), parcel('2')],
  'of several types, some without a resolver': [parcel('1'), { __typename: 'Stamp', id: 's' }, parcel('promised')],
  'by an interface': [{ __typename: 'Held', id: '1' }, parcel('1'), parcel('rejected')],
  'that say what they are': [parcel('named'), parcel('named otherwise')],
  'that are not there': [parcel('null'), parcel('nothing'), parcel('null later'), parcel('1')],
  'that nothing can be added to': [parcel('1'), parcel('frozen'), parcel('frozen later')],
  'that are no objects': [parcel('text'), parcel('1')],
  'that fail': [parcel('error'), parcel('1'), parcel('rejected'), parcel('without a label')],
  'one of which throws': [parcel('1'), parcel('thrown')],
  'of a type that is none of the union': [{ __typename: 'Note', id: '1' }, parcel('1')],
  'of no type of the schema': [{ __typename: 'Nowhere', id: '1' }, parcel('1')],
  'without a type': [{ id: '1' }],
};

/** Messages are graphql-js's own where a type cannot be told. */
const shown = ({ data, errors = [] }: ExecutionResult) => ({
  data,
  failed: errors.map(({ path }) => path?.join('/')).sort((a, b) => String(a).localeCompare(String(b))),
});

/** What comes for the first time is graphql-js's. */
async function compiled(): Promise<(representations: readonly unknown[]) => ReturnType<RunOperation>> {
  const run = createOperationRunner(schema);
  const document = parse(QUERY);
  const ask = (representations: readonly unknown[]) => run({ document, variables: { representations }, context: {} });
  await ask([]);
  return ask;
}

test.each(Object.entries(CASES))('Entities %s', async (_, representations) => {
  const ask = await compiled();
  const expected = await execute({ schema, document: parse(QUERY), variableValues: { representations } });
  expect(shown(await ask(representations))).toEqual(shown(expected));
});

test('Entities that are there at once are answered at once', async () => {
  const ask = await compiled();
  expect(ask([parcel('1')])).toEqual({
    data: { _entities: [{ __typename: 'Parcel', id: '1', label: 'it is 1' }] },
  });
});

test('Where one throws, that another is rejected is not news', async () => {
  const ask = await compiled();
  const { data, errors } = await ask([parcel('rejected'), parcel('thrown'), parcel('1')]);
  expect(data).toBeNull();
  expect(errors?.map(({ message }) => message)).toEqual(['thrown']);
});
