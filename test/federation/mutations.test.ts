import { expect, test } from 'vitest';
import { openFederation } from './kit/federation.ts';
import { notebook } from './worlds/notebook.ts';

test.each([
  [
    'one after another in one subgraph',
    ['mutation { a: write(text: "x") { id count } b: write(text: "y") { id count } c: write(text: "z") { count } }'],
  ],
  [
    'one after another over several subgraphs',
    [
      'mutation { a: write(text: "x") { id } b: stamp(id: "n1") { stamps } c: write(text: "y") { count } d: stamp(id: "n2") { stamps count } e: stamp(id: "n1") { stamps text } }',
    ],
  ],
  [
    'with fields that the other subgraph holds',
    [
      'mutation { a: write(text: "x", tags: []) { stamps tags first { text } } b: stamp(id: "n1") { text count stamps } }',
    ],
  ],
  [
    'what a later one does is not seen in what an earlier one answers',
    [
      'mutation { a: write(text: "x") { stamps } b: stamp(id: "n1") { stamps } c: write(text: "y") { stamps first { stamps } } d: stamp(id: "n1") { stamps } }',
    ],
  ],
  [
    'one that fails does not keep the next from being done',
    [
      'mutation { refuse { id } write(text: "x") { id } stamp(id: "none") { id } b: stamp(id: "n1") { stamps } }',
      '{ notes { text stamps } }',
    ],
  ],
  [
    'one that must answer and does not takes the whole answer with it',
    ['mutation { write(text: "x") { id } tear { id } }', '{ notes { text } }'],
  ],
  [
    'by variables and their defaults',
    [
      'mutation ($text: String! = "said", $tags: [String!]) { write(text: $text, tags: $tags) { text tags stamps } }',
      '{ stamped { id } notes { id tags } }',
    ],
  ],
  [
    'in fragments, and left out',
    [
      'mutation { ...A @skip(if: false) b: write(text: "y") @include(if: false) { id } } fragment A on Mutation { a: write(text: "x") { ...N } } fragment N on Note { count stamps }',
      '{ notes { text } }',
    ],
  ],
])('acts: %s', async (_title, queries) => {
  const federation = await openFederation(notebook);
  try {
    for (const query of queries) await federation.sameAsReference(query);
  } finally {
    await federation.close();
  }
});

test('an act is sent once, whatever comes of it', async () => {
  const federation = await openFederation(notebook);
  try {
    const notes = federation.service('notes');
    notes.conduct = 'status 500';
    const { data, errors } = await federation.askOurs('mutation { write(text: "x") { id } }');
    expect(data).toEqual({ write: null });
    expect(errors?.map(({ path }) => path)).toEqual([['write']]);
    expect(notes.asked).toHaveLength(1);
  } finally {
    await federation.close();
  }
});
