import type { GraphQLSchema } from 'graphql';
import type { Caller } from './access/caller.ts';
import type { SourceCode } from './department.ts';

/** Beginning early, within one request: a wrong guess costs a reading, and is never an error. */
export interface ReadAhead {
  /** These records of a department are about to be asked for, under a grant that is on its way. */
  expect(source: SourceCode, keys: readonly string[]): void;
}

export interface SubgraphContext {
  /** Of a subgraph with a `source`: begins to read what will be asked for later in this request. */
  expect?(keys: readonly string[]): void;
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
  /** The department whose records it reads; none for the centre's own. */
  readonly source?: SourceCode;
  /**
   * A fresh context (caller, loaders) for one request; resolvers get it as their third argument. `ahead` where others of the
   * same request are in this process.
   */
  createContext(caller: Caller, ahead?: ReadAhead): SubgraphContext;
}
