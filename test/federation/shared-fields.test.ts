import { afterAll, beforeAll, expect, test } from 'vitest';
import { errorPaths } from './kit/answer.ts';
import { openFederation, type Federation } from './kit/federation.ts';
import { offices } from './worlds/offices.ts';

let federation: Federation;
beforeAll(async () => {
  federation = await openFederation(offices);
});
afterAll(() => federation.close());

test.each([
  ['a root field that two subgraphs hold', '{ today town { name address { street zip } } }'],
  [
    'a value type that two subgraphs hold',
    '{ offices { address { street zip } } desks { office { address { street } } } }',
  ],
  ['a field that one has taken over is asked of that one', '{ offices { name phone } desks { office { phone } } }'],
  [
    'a field that no client may see is told to whoever requires it',
    '{ offices { keyHolder } desks { office { keyHolder name } } }',
  ],
  ['an enum, of which one value no client may see', '{ offices(level: TOWN) { level levels } desks { level } }'],
])('%s', async (_title, query) => {
  const { errors } = await federation.sameAsReference(query);
  expect(errors).toBeUndefined();
});

test.each([
  ['a field', '{ offices { safe } }'],
  ['an enum’s value', '{ offices(level: SECRET) { name } }'],
  ['a type', '{ offices { contact { ... on Pager { number } } } }'],
])('what no client may see cannot be asked for: %s', async (_title, query) => {
  const { data, errors } = await federation.askOurs(query);
  expect(data).toBeUndefined();
  expect(errors?.[0]?.extensions?.['code']).toBe('GRAPHQL_VALIDATION_FAILED');
});

test('what no client may see is not in the schema that they are told', async () => {
  const { data } = await federation.sameAsReference(
    '{ level: __type(name: "Level") { enumValues { name } } pager: __type(name: "Pager") { name } office: __type(name: "Office") { fields { name } } }',
  );
  expect(JSON.stringify(data)).not.toMatch(/SECRET|Pager|safe/);
});

test.each([
  ['an enum’s value', '{ offices(level: null) { id level } }', ['offices.2.level']],
  ['an enum’s value in a list', '{ offices(level: null) { levels } }', ['offices.2.levels.1']],
  ['an object behind an interface', '{ offices(level: null) { contact { number } } }', ['offices.2.contact']],
  [
    'an object in a union',
    '{ offices(level: null) { channels { ... on Phone { number } } } }',
    ['offices.2.channels.1'],
  ],
])('what no client may see is an error and null where the data has it: %s', async (_title, query, paths) => {
  const expected = await federation.askReference(query);
  const answer = await federation.askOurs(query);
  expect(errorPaths(expected)).toEqual(paths);
  expect(answer.data).toEqual(expected.data);
  expect(errorPaths(answer)).toEqual(paths);
});

test('what no client may see where something must be makes null whatever must hold it', async () => {
  const query = '{ offices(level: null) { id strictLevel } }';
  const expected = await federation.askReference(query);
  const answer = await federation.askOurs(query);
  expect(answer.data).toEqual(expected.data);
  expect(answer.errors).not.toHaveLength(0);
});
