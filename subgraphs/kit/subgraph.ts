import { buildSubgraphSchema } from '@apollo/subgraph';
import type { Subgraph } from '../../core/subgraph.ts';
import { scalars } from './scalars.ts';
import { loadTypeDefs, type SubgraphName } from './type-defs.ts';

type ResolverMap = NonNullable<Extract<Parameters<typeof buildSubgraphSchema>[0], { typeDefs: unknown }>['resolvers']>;

export interface SubgraphInput {
  readonly name: SubgraphName;
  /** Typed by the room's generated types; here they are only handed on. */
  readonly resolvers: object;
  readonly source?: Subgraph['source'];
  readonly createContext: Subgraph['createContext'];
}

export function createSubgraph({ name, resolvers, source, createContext }: SubgraphInput): Subgraph {
  const schema = buildSubgraphSchema({
    typeDefs: loadTypeDefs(name),
    resolvers: { ...(resolvers as ResolverMap), ...scalars },
  });
  return { name, schema, ...(source !== undefined && { source }), createContext };
}
