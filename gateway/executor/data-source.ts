/** The port of the executor: one subgraph, wherever it runs. */
import type { DocumentNode, GraphQLFormattedError } from 'graphql';
import type { Caller } from '../../core/access/caller.ts';
import type { Link } from '../../core/audit/disclosure.ts';
import { textOf } from './plan/document.ts';
import type { FetchedObject } from './run/fetched.ts';

/** What is carried through a request: `caller` is null only where a gateway serves anybody (`maplebridge gateway --open`). */
export interface GatewayContext {
  readonly caller: Caller | null;
  readonly requestId: string;
  /** Aborted when the client has gone: nobody waits for an answer any more. A mutation is done all the same. */
  readonly signal?: AbortSignal;
}

/** Made once per plan, asked many times. */
export interface SubgraphOperation {
  readonly kind: 'query' | 'mutation';
  readonly query: string;
  readonly document: DocumentNode;
  /** The body of a request as far as the variables: JSON, to be followed by them and `}`. */
  readonly bodyUntilVariables: string;
}

export function createOperation(document: DocumentNode, kind: SubgraphOperation['kind']): SubgraphOperation {
  const query = textOf(document);
  return { kind, query, document, bodyUntilVariables: `{"query":${JSON.stringify(query)},"variables":` };
}

export interface SubgraphRequest {
  readonly operation: SubgraphOperation;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: GatewayContext;
  readonly signal?: AbortSignal;
}

/** Data and errors as a subgraph gives them. The data is the executor's own: it is added to. */
export interface SubgraphAnswer {
  readonly data: FetchedObject | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

export interface SubgraphDataSource {
  /** What it keeps in memory for each character of an operation that it is asked again and again; by default nothing. */
  readonly bytesPerCharacter?: number;
  /** Rejects when there is no answer at all: with SOURCE_UNAVAILABLE when the subgraph is at fault. */
  fetch(request: SubgraphRequest): Promise<SubgraphAnswer>;
  /** Why the caller may see whom of those it has resolved for this request, by person. */
  links(context: GatewayContext): ReadonlyMap<string, Link>;
  close(): Promise<void>;
}

export const NO_LINKS: ReadonlyMap<string, Link> = new Map();
