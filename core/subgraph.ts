import type { GraphQLSchema } from 'graphql';
import type { Caller } from './access/caller.ts';

export interface SubgraphContext {
  /**
   * Called after each fetch of a request, when its answer is there, and done before anything leaves the gateway (or the
   * service): what was shown of whom since the last call must be on record first. When it rejects, the answer is not given.
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
