/** Compiled queries against graphql-js: random queries over values of every kind, at once and by promises, whole and broken. */
import { setImmediate as turn } from 'node:timers/promises';
import {
  buildSchema,
  execute,
  GraphQLError,
  GraphQLObjectType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  Kind,
  parse,
  type ExecutionResult,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLScalarType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../demo/county/random.ts';
import { hash } from '../../../test/federation/kit/faults.ts';
import { randomQuery } from '../../../test/federation/kit/random-query.ts';
import { createConditions, withConditions } from '../plan/fixed-conditions.ts';
import { createOperationRunner } from './run-operation.ts';

const QUERIES = process.env['FULL'] ? 5_000 : 200;
const TIME = process.env['FULL'] ? 600_000 : 30_000;

const SDL = `
  scalar Stamp
  enum Kind { FIRST SECOND THIRD }
  input Filter { text: String = "any", kinds: [Kind!], not: Filter }
  interface Node { id: ID! told(filter: Filter, more: [Int!]! = [1, 2]): String }
  type Person implements Node {
    id: ID! told(filter: Filter, more: [Int!]! = [1, 2]): String
    name: String adult: Boolean age: Int size: Float kind: Kind kinds: [Kind] stamp: Stamp stamps: [[Stamp!]]
    friend: Person! friends(first: Int = 2): [Person!]! nodes: [Node!] things: [Thing]! owned: Thing
  }
  type Case implements Node {
    id: ID! told(filter: Filter, more: [Int!]! = [1, 2]): String
    kind: Kind! owner: Person stamp: Stamp! things: [Thing!]
  }
  union Thing = Person | Case
  type Query { node(id: ID!): Node person: Person! persons(kind: Kind): [Person] thing: Thing things: [[Thing!]!] count: Int }
`;

/** How a value comes, and what is wrong with it. */
type Manner = 'plain' | 'promised' | 'late' | 'method' | 'thrown' | 'rejected' | 'error' | 'null' | 'absent' | 'wrong';
const WHOLE: readonly Manner[] = ['plain', 'plain', 'plain', 'method'];
const LATER: readonly Manner[] = [...WHOLE, 'promised', 'late'];
const BROKEN: readonly Manner[] = ['thrown', 'error', 'null', 'absent', 'wrong'];
const BROKEN_LATER: readonly Manner[] = [...BROKEN, 'rejected'];

interface World {
  readonly seed: number;
  /** Manners of ten values, eight of which are drawn of these. */
  readonly usual: readonly Manner[];
  readonly broken: readonly Manner[];
  readonly resolved: boolean;
}

const schemaOf = (world: World): GraphQLSchema => {
  const schema = buildSchema(SDL);
  const kinds = schema.getType('Kind');
  // Two of them stand for something else within.
  if (isEnumType(kinds)) for (const value of kinds.getValues().slice(1)) value.value = `value of ${value.name}`;
  (schema.getType('Stamp') as GraphQLScalarType).serialize = (value) => {
    if (value === 'wrong') throw new GraphQLError('It is no stamp.');
    return value === 'nothing' ? undefined : `stamp of ${String(value)}`;
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (!(type instanceof GraphQLObjectType) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields()))
      if (type.name === 'Query' || field.args.length > 0 || (world.resolved && hash(field.name) % 3 === 0))
        field.resolve = (source: unknown, args, _context, info) => resolve(world, source, args, info);
  }
  return schema;
};

const keyOf = (source: unknown): string => (source as { key?: string } | undefined)?.key ?? 'root';

/** All that a resolver is given goes into what it gives. */
function resolve(world: World, source: unknown, args: unknown, info: GraphQLResolveInfo): unknown {
  const { fieldName, parentType, returnType, path, variableValues, operation, fieldNodes, fragments } = info;
  const given = JSON.stringify([args, path, variableValues, fieldNodes.length, Object.keys(fragments)]);
  const key = `${keyOf(source)}/${fieldName} ${given} ${parentType.name} ${operation.operation}`;
  if (fieldName !== 'told') return valueOf(world, returnType, key, info.schema);
  return given;
}

function valueOf(world: World, type: GraphQLOutputType, key: string, schema: GraphQLSchema): unknown {
  const random = createRandom(world.seed, hash(key));
  const manner = random.pick(random.chance(0.9) || world.broken.length === 0 ? world.usual : world.broken);
  const value = () => plainOf(world, type, key, schema);
  switch (manner) {
    case 'plain':
      return value();
    case 'method':
      // Only a property's function is called.
      return key.includes('[')
        ? value()
        : (args: unknown, context: unknown) => (args && context ? value() : 'not called so');
    case 'promised':
      return Promise.resolve(value());
    case 'late':
      return turn().then(value);
    case 'thrown':
      throw new Error(`${key} is thrown`);
    case 'rejected':
      return Promise.reject(new Error(`${key} is rejected`));
    case 'error':
      return new Error(`${key} is an error`);
    case 'null':
      return null;
    case 'absent':
      return undefined;
    case 'wrong':
      return isLeafType(type) || isNonNullType(type)
        ? random.pick(['wrong', 'nothing', NaN, {}])
        : random.pick([7, true]);
  }
}

function plainOf(world: World, type: GraphQLOutputType, key: string, schema: GraphQLSchema): unknown {
  const random = createRandom(world.seed, hash(`${key}!`));
  if (isNonNullType(type)) return plainOf(world, type.ofType, key, schema);
  if (isListType(type)) {
    const items = Array.from({ length: random.int(4) }, (_, at) => itemOf(world, type.ofType, `${key}[${at}]`, schema));
    return random.chance(0.2) ? new Set(items) : items;
  }
  if (isEnumType(type)) return random.pick(type.getValues()).value;
  if (isLeafType(type)) {
    if (type.name === 'Int') return random.pick([0, -7, 2 ** 31, 'seven', true]);
    if (type.name === 'Float') return random.pick([0.5, Infinity, '2.5', 3]);
    if (type.name === 'Boolean') return random.pick([true, false, 1]);
    return random.pick(['文本', 'text', 12, `of ${random.int(5)}`]);
  }
  const of = schema.getType(type.name);
  const concrete = of instanceof GraphQLObjectType ? of : random.pick(schema.getPossibleTypes(of as never));
  return thingOf(world, concrete, `${concrete.name} ${random.int(40)}`, schema);
}

/**
 * Items of a list cannot throw. Where values may come later all of them are promises: graphql-js leaves what is rejected unheard where
 * another item fails at once.
 */
function itemOf(world: World, type: GraphQLOutputType, key: string, schema: GraphQLSchema): unknown {
  const item = () => valueOf(world, type, key, schema);
  if (world.usual === LATER) return new Promise((resolve) => resolve(item()));
  try {
    return item();
  } catch (error) {
    return error;
  }
}

/** An object whose fields are read as they are asked for: its graph has no end. */
function thingOf(world: World, type: GraphQLObjectType, key: string, schema: GraphQLSchema): object {
  const isTold = createRandom(world.seed, hash(`${key}?`)).chance(0.97);
  const thing = { key, __typename: isTold ? type.name : 'Query' };
  for (const field of Object.values(type.getFields()))
    Object.defineProperty(thing, field.name, { get: () => valueOf(world, field.type, `${key}.${field.name}`, schema) });
  return thing;
}

interface Asked {
  readonly schema: GraphQLSchema;
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** What our own plans ask has no conditions left; with them the runner leaves it to graphql-js. */
function documentOf({ query, variables }: Asked) {
  const document = parse(query);
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  ) as OperationDefinitionNode;
  return withConditions(document, createConditions(document, operation)?.(variables) ?? {});
}

async function both(asked: Asked): Promise<readonly [ExecutionResult, ExecutionResult]> {
  const { schema, variables } = asked;
  const document = documentOf(asked);
  const context = { caller: 'whoever' };
  const run = createOperationRunner(schema);
  // Compiled when it comes again.
  const right = await run({ document, variables, context });
  expect(plain(right).data).toEqual(
    plain(await execute({ schema, document, contextValue: context, variableValues: variables })).data,
  );
  const first = await run({ document, variables, context });
  const again = await run({ document, variables, context });
  expect(again.data).toEqual(first.data);
  return [plain(again), plain(right)];
}

const plain = (result: ExecutionResult): ExecutionResult => JSON.parse(JSON.stringify(result)) as ExecutionResult;

const placesOf = ({ errors = [] }: ExecutionResult): string[] =>
  errors.map(({ path, locations }) => JSON.stringify([path, locations])).sort();

/** The places where errors left nothing: each of them once, however many failed there. */
const nothingsOf = ({ data, errors = [] }: ExecutionResult): string[] => {
  const places = errors.map(({ path = [] }) => {
    let value: unknown = data;
    const depth = path.findIndex((step) => {
      if (value === null) return true;
      value = (value as Record<string, unknown>)[step];
      return false;
    });
    return JSON.stringify(depth < 0 ? path : path.slice(0, depth));
  });
  return [...new Set(places)].sort();
};

describe('a compiled query answers as graphql-js does', () => {
  const asClientsSee = buildSchema(SDL);
  const pool = { strings: ['text', 'Person 3', ''], numbers: [0, 1, 7] };
  test.each([
    ['whole, at once', WHOLE, []],
    ['whole, later', LATER, []],
    ['broken, at once', WHOLE, BROKEN],
    ['broken, later', LATER, BROKEN_LATER],
  ])('values are %s', { timeout: TIME }, async (_, usual, broken) => {
    let answered = 0;
    let failed = 0;
    for (let index = 0; index < QUERIES; index += 1) {
      const world = { seed: index, usual, broken, resolved: index % 2 === 0 };
      const schema = schemaOf(world);
      const { query, variables } = randomQuery(20_261_123, index, asClientsSee, pool);
      const [ours, right] = await both({ schema, query, variables: { ...variables } });
      const where = `${index}: ${query} ${JSON.stringify(variables)}`;
      expect(ours.data, where).toEqual(right.data);
      // Later, which of several failures comes first is chance; what it takes with it is not waited for, told or not.
      const told = usual === WHOLE ? placesOf : nothingsOf;
      expect(told(ours), where).toEqual(told(right));
      if (right.data) answered += 1;
      if (right.errors) failed += 1;
    }
    // It is not about nothing.
    expect(answered).toBeGreaterThan(QUERIES / 5);
    if (broken.length > 0) expect(failed).toBeGreaterThan(QUERIES / 5);
  });
});

const asked = async (schema: GraphQLSchema, query: string, contexts: readonly unknown[]) => {
  const [run, document] = [createOperationRunner(schema), parse(query)];
  const answers: ExecutionResult[] = [];
  for (const context of contexts) answers.push(await run({ document, variables: {}, context }));
  return answers.map(plain);
};

test('What a newer gateway asks and a subgraph does not know yet is left out, and the rest is answered', async () => {
  const schema = buildSchema('type Query { known: String person: Person } type Person { name: String }');
  const query = (schema.getQueryType() as GraphQLObjectType).getFields();
  if (query['known']) query['known'].resolve = () => 'yes';
  if (query['person']) query['person'].resolve = () => ({ name: 'Wang' });
  const answers = await asked(schema, '{ known unknown person { name later { id } } }', [1, 2, 3]);
  for (const { data, errors } of answers)
    expect([data, errors]).toEqual([{ known: 'yes', person: { name: 'Wang' } }, undefined]);
});

test('Of many that fail at once and take one list with them, one is told', async () => {
  const schema = buildSchema('type Query { people: [Person!] } type Person { name: String! }');
  const people = (schema.getQueryType() as GraphQLObjectType).getFields()['people'];
  if (people)
    people.resolve = () => Array.from({ length: 50 }, () => ({ name: () => Promise.reject(new Error('no purpose')) }));
  const answers = await asked(schema, '{ people { name } }', [1, 2, 3]);
  for (const { data, errors } of answers) expect([data, errors?.length]).toEqual([{ people: null }, 1]);
});

test('What is done to arguments is seen by nobody else', async () => {
  const schema = buildSchema('type Query { sorted(of: [Int!]!): [Int!]! }');
  const sorted = (schema.getQueryType() as GraphQLObjectType).getFields()['sorted'];
  if (sorted) sorted.resolve = (_source, { of }: { of: number[] }) => of.splice(0, 2);
  const answers = await asked(schema, '{ sorted(of: [3, 1, 2]) }', [1, 2, 3, 4]);
  expect(answers.map(({ data }) => data)).toEqual(answers.map(() => ({ sorted: [3, 1] })));
});
