import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { flattenPlan } from '../plan/flatten-plan.ts';
import { loadSupergraph } from './supergraph.ts';

const HEAD = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])`;

/** Of fetches for the names of `count` kinds, which are in another subgraph: whether each says of whom it asks. */
function tellsApart(count: number) {
  const kinds = Array.from({ length: count }, (_, at) => `Kind${at}`);
  const types = (fields: string, implementing = '') =>
    kinds.map((kind) => `type ${kind} ${implementing} @key(fields: "id") { id: ID! ${fields} }`).join(' ');
  const node = 'interface Node { id: ID! next: [Node!]! } type Query { nodes: [Node!]! }';
  const { supergraphSdl, errors } = composeServices([
    { name: 'nodes', typeDefs: parse(`${HEAD} ${node} ${types('next: [Node!]!', 'implements Node')}`) },
    { name: 'names', typeDefs: parse(`${HEAD} ${types('name: String')}`) },
  ]);
  expect(errors).toBeUndefined();
  const ofEach = (asked: string) => kinds.map((kind) => `... on ${kind} { ${asked} }`).join(' ');
  const thirdOnes = ofEach(`next { ${ofEach(`next { ${ofEach('name')} }`)} }`);
  const plan = loadSupergraph(supergraphSdl ?? '').plan(parse(`{ nodes { ${thirdOnes} } }`), undefined);
  const { node: planned } = plan;
  if (!planned || planned.kind === 'Subscription') throw new Error('It is not planned.');
  return flattenPlan(planned).map(({ path }) => path.some((step) => typeof step === 'object'));
}

test('Members are asked about where they stand, unless that would take a fetch for each of them at every step', () => {
  expect(tellsApart(3)).toContain(true);
  // Eight times eight would be asked one by one.
  const coarse = tellsApart(8);
  expect(coarse.length).toBeLessThan(50);
  expect(coarse).not.toContain(true);
});
