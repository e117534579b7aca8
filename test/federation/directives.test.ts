/** Directives that clients use and subgraphs look at. */
import { parse } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFederation, type Federation } from './kit/federation.ts';
import { createWorld } from './kit/world.ts';

const link = (level: string) => `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective"])
    @link(url: "https://maplebridge.example/quiet/v1.0", import: ["@quiet", "@shaped"])
    @composeDirective(name: "@quiet")
    @composeDirective(name: "@shaped")
  directive @quiet(level: Int${level}) on FIELD
  scalar Shape
  directive @shaped(as: Shape = { sides: [1, 2] }) on FIELD | FIELD_DEFINITION
`;

let federation: Federation;
beforeAll(async () => {
  const wang = { __typename: 'Elder', id: 'e1', name: 'Wang', visits: 3 };
  federation = await openFederation({
    subgraphs: [
      {
        name: 'people',
        typeDefs: parse(
          `${link('')} type Query { elders: [Elder!]! } type Elder @key(fields: "id") { id: ID! name: String }`,
        ),
      },
      {
        name: 'visits',
        typeDefs: parse(
          `${link(' = 1')} type Query { visited: [Elder!]! } type Elder @key(fields: "id") { id: ID! visits: Int }`,
        ),
      },
    ],
    world: () => createWorld({ things: [wang], query: { elders: [wang], visited: [wang] } }),
  });
});
afterAll(() => federation.close());

test('a directive that subgraphs compose is theirs to use, with what it is where nothing is said', async () => {
  const answer = await federation.askOurs('{ elders { name @quiet visits @quiet(level: 4) } }');
  expect(answer).toEqual({ data: { elders: [{ name: 'Wang', visits: 3 }] } });
  const asked = ['people', 'visits'].map((name) => federation.service(name).asked.at(-1)?.query);
  expect(asked).toEqual([
    expect.stringContaining('name@quiet(level:1)'),
    expect.stringContaining('visits@quiet(level:4)'),
  ]);
});

test('a default may be whatever a scalar of theirs allows, and the directive one of schemas too', async () => {
  const answer = await federation.askOurs('{ elders { name @shaped } }');
  expect(answer).toEqual({ data: { elders: [{ name: 'Wang' }] } });
  expect(federation.service('people').asked.at(-1)?.query).toContain('name@shaped(as:{sides:[1 2]})');
});

test('one that nobody composed is unknown', async () => {
  const { errors } = await federation.askOurs('{ elders { name @loud } }');
  expect(errors?.map(({ message }) => message)).toEqual(['Unknown directive "@loud".']);
});
