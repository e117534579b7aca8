/** What the gateway's other rooms do to every operation: before it is planned, and before its answer leaves. */
import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql';
import type { Caller } from '../../core/access/caller.ts';
import type { Link } from '../../core/audit/disclosure.ts';

/** An answer that is ready but has not left. */
export interface ReadyAnswer {
  readonly caller: Caller | null;
  readonly requestId: string;
  /** As it was planned: what `prepareDocument` made. */
  readonly document: DocumentNode;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly schema: GraphQLSchema;
  readonly data: Readonly<Record<string, unknown>> | null | undefined;
  readonly errors: readonly GraphQLError[];
  /** Why the caller may see whom, by person, as the subgraphs that resolved them say. */
  readonly links: ReadonlyMap<string, Link>;
}

export interface GatewayHooks {
  /** Changes the valid document before it is planned (once per document: plans are kept by the query's hash). */
  readonly prepareDocument?: (document: DocumentNode, schema: GraphQLSchema) => DocumentNode;
  /** A subgraph has resolved these persons, the answer is not ready yet. */
  readonly personsFound?: (personIds: readonly string[]) => void;
  /**
   * Makes durable what must be (disclosures), and gives the answer as it is to be sent, without what `prepareDocument` added.
   * When it rejects, nothing is answered.
   */
  readonly beforeAnswer?: (answer: ReadyAnswer) => Promise<Pick<ReadyAnswer, 'data' | 'errors'>>;
}
