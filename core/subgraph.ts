import type { GraphQLSchema } from 'graphql';
import type { Caller } from './access/caller.ts';

export interface SubgraphContext {
  /**
   * Called once the answer is there and before it leaves this subgraph. When it rejects, the answer is not given: what
   * was shown of whom must be on record first.
   */
  beforeAnswer?(): Promise<void>;
}

/** One department's (or the centre's) part of the graph: in the gateway's process or behind a server of its own, the same. */
export interface Subgraph {
  /** As in the supergraph: courts, civil-affairs … */
  readonly name: string;
  /** From `buildSubgraphSchema`. */
  readonly schema: GraphQLSchema;
  /** A fresh context (caller, loaders) for one request; resolvers get it as their third argument. */
  createContext(caller: Caller): SubgraphContext;
}
