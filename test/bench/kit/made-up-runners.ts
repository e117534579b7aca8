import { execute, parse, type DocumentNode, type ExecutionResult } from 'graphql';
import type { Caller } from '../../../core/access/caller.ts';
import { createMadeUpSubgraphs } from './made-up-subgraphs.ts';

export interface MadeUpRequest {
  readonly query?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly operationName?: string | null | undefined;
}

export type MadeUpRunner = (request: MadeUpRequest) => Promise<ExecutionResult>;

/** The made-up subgraphs as functions, by name: for whoever has another graphql, or none. */
export function createMadeUpRunners(
  ...rewrite: Parameters<typeof createMadeUpSubgraphs>
): ReadonlyMap<string, MadeUpRunner> {
  const documents = new Map<string, DocumentNode>();
  const parseOnce = (query: string): DocumentNode => {
    const known = documents.get(query) ?? parse(query);
    documents.set(query, known);
    return known;
  };
  return new Map(
    createMadeUpSubgraphs(...rewrite).map((subgraph) => [
      subgraph.name,
      async ({ query = '', variables, operationName }) =>
        execute({
          schema: subgraph.schema,
          document: parseOnce(query),
          contextValue: subgraph.createContext({} as Caller),
          ...(variables && { variableValues: variables }),
          ...(operationName && { operationName }),
        }),
    ]),
  );
}
