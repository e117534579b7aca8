import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFederation, type Federation } from './kit/federation.ts';
import { createWorld } from './kit/world.ts';
import { townships } from './worlds/townships.ts';
import { votes } from './worlds/votes.ts';

let federation: Federation;
beforeAll(async () => {
  federation = await openFederation(townships);
});
afterAll(() => federation.close());

test.each([
  ['a thing is known elsewhere by one field', '{ mediators { name disputes { title } } }'],
  ['a thing is known elsewhere by several fields together', '{ disputes { title sitting { day } mood } }'],
  [
    'of two keys each subgraph is asked by the one that it has',
    '{ mediator(id: "m1") { home { name disputes { title township { name neighbours { name disputes { number } } } } } } }',
  ],
  ['a key may name a field of a thing within', '{ townships { name hall { seats sittings { day } } } }'],
  [
    'what is known by a key within leads on to what is known by two fields, and back',
    '{ sittings { day hall { seats township { name } } dispute { title township { code hall { sittings { day } } } } } }',
  ],
  [
    'a subgraph that names a key by which nobody can enter it is only a way to others',
    '{ mediators { home { id name code disputes { year } } } }',
  ],
  [
    'a key alone is answered by whoever names it',
    '{ mediators { home { id } } sittings { hall { number township { id } } } }',
  ],
  [
    'things that know each other in a circle are followed round it',
    `{ mediator(id: "m1") { teacher { teacher { teacher { name home { neighbours { name neighbours { name } } } } } }
       disputes { mediator { disputes { mediator { nickname } } } } } }`,
  ],
  [
    'what is not there is null, and so is what would lead on from it',
    '{ nobody { name disputes { title } } township(id: "none") { name disputes { title } } mediators { home { name hall { seats } } } }',
  ],
  [
    'nulls in a list stay in their places',
    '{ halls(of: ["t3", "t1", "none", "t2"]) { number sittings { day } } mediators { pupils { name disputes { number } } } }',
  ],
  [
    'nulls and empty lists in lists of lists stay in their places, and what is in them is looked up elsewhere',
    '{ disputes { handled { name nickname home { name } disputes { title } } } }',
  ],
  [
    'an empty list is answered without asking anybody further',
    '{ halls(of: []) { seats sittings { day } } township(id: "t3") { neighbours { disputes { title } } } }',
  ],
  [
    'the same thing at several places is the same at all of them',
    '{ a: mediators { home { name disputes { title } } } b: townships { name disputes { mediator { home { motto } } } } c: disputes { township { name } } }',
  ],
])('%s', async (_title, query) => {
  const { errors } = await federation.sameAsReference(query);
  expect(errors).toBeUndefined();
});

test('what a list of nothing leads to is asked of nobody', async () => {
  const calendar = federation.service('calendar').asked.length;
  await federation.sameAsReference('{ halls(of: []) { seats sittings { day } } }');
  expect(federation.service('calendar').asked).toHaveLength(calendar);
});

test('a key that is null is sent as null, and whoever does not know it says null', async () => {
  const tool = (serial: string | null, name: string, owner: string | null) => ({
    ...{ __typename: 'Tool', serial, name, owner },
  });
  const tools = [tool('s1', 'hammer', 'Li'), tool(null, 'saw', null), tool('s3', 'rope', null)];
  const shed = await openFederation({
    subgraphs: [
      {
        name: 'shed',
        typeDefs: 'type Query { tools: [Tool!]! } type Tool @key(fields: "serial") { serial: String name: String }',
      },
      { name: 'owners', typeDefs: 'type Tool @key(fields: "serial") { serial: String owner: String }' },
    ],
    world: () => createWorld({ things: tools, query: { tools } }),
  });
  try {
    await shed.sameAsReference('{ tools { name owner } }');
  } finally {
    await shed.close();
  }
});

test.each([
  ['from a subgraph that has only the other key', '{ mediators { name home { turnout } } }'],
  ['coming back to it with what it requires', '{ counted { turnout share } }'],
  ['from another, with what it requires', '{ mediators { home { share turnout mediators { name home { share } } } } }'],
  ['from where both keys are known', '{ townships { turnout share mediators { name } } }'],
])('a subgraph with two keys is entered by the one that lets in: %s', async (_title, query) => {
  const counting = await openFederation(votes);
  try {
    const { errors } = await counting.sameAsReference(query);
    expect(errors).toBeUndefined();
  } finally {
    await counting.close();
  }
});
