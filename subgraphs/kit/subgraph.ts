import { buildSubgraphSchema } from '@apollo/subgraph';
import type { Caller } from '../../core/access/caller.ts';
import type { Subgraph, SubgraphContext } from '../../core/subgraph.ts';
import { scalars } from './scalars.ts';
import { loadTypeDefs, type SubgraphName } from './type-defs.ts';

type ResolverMap = NonNullable<Extract<Parameters<typeof buildSubgraphSchema>[0], { typeDefs: unknown }>['resolvers']>;

/** `resolvers` is typed by the room's generated types; here it is only handed on. */
export function createSubgraph(
  name: SubgraphName,
  resolvers: object,
  createContext: (caller: Caller) => SubgraphContext,
): Subgraph {
  return {
    name,
    schema: buildSubgraphSchema({
      typeDefs: loadTypeDefs(name),
      resolvers: { ...(resolvers as ResolverMap), ...scalars },
    }),
    createContext,
  };
}
