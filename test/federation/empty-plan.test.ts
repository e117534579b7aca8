/** What the planner finds no way to ask: a root field that two subgraphs share, of whose members each knows others. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFederation, type Federation } from './kit/federation.ts';
import { createWorld } from './kit/world.ts';

const page = (member: string) => `
  type Query { item: Item @shareable ${member.toLowerCase()}s: [${member}!]! }
  union Item = Book | ${member}
  type Book @shareable { title: String! }
  type ${member} { label: String! }
`;

let federation: Federation;
beforeAll(async () => {
  const book = { __typename: 'Book', title: 'Family' };
  federation = await openFederation({
    subgraphs: [
      { name: 'songs', typeDefs: page('Song') },
      { name: 'films', typeDefs: page('Film') },
    ],
    world: () => createWorld({ query: { item: book, songs: [], films: [] } }),
  });
});
afterAll(() => federation.close());

test('what every subgraph knows is answered', async () => {
  await federation.sameAsReference('{ item { __typename ... on Book { title } } songs { label } films { label } }');
});

test('what is asked of members that only one of them knows is answered or an error, never null without a word', async () => {
  for (const query of ['{ item { ... on Song { label } } }', '{ item { ... on Film { label } } }']) {
    const answer = await federation.askOurs(query);
    if (!answer.errors) expect(answer).toEqual(await federation.askReference(query));
  }
});
