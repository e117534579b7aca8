import type { GraphQLSchema } from 'graphql';
import type { Caller } from './access/caller.ts';
import type { Link } from './audit/disclosure.ts';
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
   * Why the caller may see whom, by person, of all who were resolved in this request so far. It goes to the gateway beside the
   * answers, which writes down whom it shows (gateway/disclosure).
   */
  readonly links?: ReadonlyMap<string, Link>;
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
