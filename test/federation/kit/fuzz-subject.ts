/** What random queries are asked of: every federation of the tests, and the product's own supergraph with made-up data. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Supergraph } from '@apollo/federation-internals';
import { projectRoot } from '../../../core/platform/project-root.ts';
import { loadTypeDefs, SUBGRAPHS } from '../../../subgraphs/kit/type-defs.ts';
import { claims } from '../worlds/claims.ts';
import { library } from '../worlds/library.ts';
import { plainMarket } from '../worlds/market.ts';
import { mediation } from '../worlds/mediation.ts';
import { offices } from '../worlds/offices.ts';
import { townships } from '../worlds/townships.ts';
import { votes } from '../worlds/votes.ts';
import type { Declaration } from './declaration.ts';
import type { FederationOptions } from './federation.ts';
import { createGeneratedWorld } from './generated-world.ts';
import type { Pool } from './random-query.ts';

export interface FuzzSubject {
  readonly name: string;
  readonly declaration: Declaration;
  readonly options: FederationOptions;
  readonly pool: Pool;
}

const pool = (...strings: string[]): Pool => ({ strings, numbers: [0, 1, 2, 3, 2024, 2025] });

function ownSupergraph(): FuzzSubject {
  const supergraphSdl = readFileSync(join(projectRoot, 'schema', 'supergraph.graphql'), 'utf8');
  const schema = Supergraph.build(supergraphSdl).schema.toGraphQLJSSchema();
  const subgraphs = SUBGRAPHS.map((name) => ({ name, typeDefs: loadTypeDefs(name) }));
  return {
    name: 'maplebridge',
    declaration: { subgraphs, world: () => createGeneratedWorld(schema, subgraphs) },
    options: { supergraphSdl },
    pool: pool('Person-1', 'Dispute-2', '2026-03-01'),
  };
}

export const fuzzSubjects = (): readonly FuzzSubject[] => [
  { name: 'townships', declaration: townships, options: {}, pool: pool('t1', 't2', 't3', 'm1', 'm2', 'none') },
  { name: 'votes', declaration: votes, options: {}, pool: pool('t1') },
  { name: 'library', declaration: library, options: {}, pool: pool('b1', 'f1', 'w9', 'g1', 'a', 'i', 'Two') },
  { name: 'mediation', declaration: mediation, options: {}, pool: pool('c1', 'c2', 'c3', 'none') },
  { name: 'claims', declaration: claims, options: {}, pool: pool('c1') },
  { name: 'market', declaration: plainMarket, options: {}, pool: pool('s1', 's2', 'none') },
  { name: 'offices', declaration: offices, options: {}, pool: pool('o1') },
  ownSupergraph(),
];
