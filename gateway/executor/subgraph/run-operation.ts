/** Operations of a subgraph in this process: queries that come again are compiled; everything else is graphql-js's. */
import { execute, isObjectType, OperationTypeNode, visit } from 'graphql';
import type { DocumentNode, ExecutionResult, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { fragmentsOf } from '../plan/document.ts';
import { compileQuery, type RunQuery } from './compile-query.ts';

export interface OperationToRun {
  /** Valid for the schema. Kept with what was compiled of it, so that the same text should be the same object. */
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: unknown;
}

export type RunOperation = (operation: OperationToRun) => ExecutionResult | Promise<ExecutionResult>;

/** What is kept of a query for each character of its text: measured with the heap of 300 of them, 170. */
export const COMPILED_BYTES_PER_CHARACTER = 170;

export function createOperationRunner(schema: GraphQLSchema): RunOperation {
  /** Undefined: it has not come before. */
  const compiled = new WeakMap<DocumentNode, RunQuery | 'once' | null>();
  const asksForTypes = Object.values(schema.getTypeMap()).some((type) => isObjectType(type) && type.isTypeOf);

  function compile(document: DocumentNode): RunQuery | null {
    const operation = asksForTypes ? null : onlyQuery(document);
    return operation && compileQuery({ schema, operation, fragments: fragmentsOf(document) });
  }

  function compiledOf(document: DocumentNode): RunQuery | null {
    const known = compiled.get(document);
    if (known === undefined) compiled.set(document, 'once');
    if (known === undefined || known === null) return null;
    if (known !== 'once') return known;
    const query = compile(document);
    compiled.set(document, query);
    return query;
  }

  return ({ document, operationName, variables, context }) => {
    const run = operationName ? null : compiledOf(document);
    if (run) return run(variables, context);
    return execute({
      ...{ schema, document, contextValue: context, variableValues: variables },
      ...(operationName && { operationName }),
    });
  };
}

/** Of a document that asks nothing but one query of data, without conditions: such are those of our own plans. */
function onlyQuery(document: DocumentNode): OperationDefinitionNode | null {
  let query: OperationDefinitionNode | null = null;
  let isOther = false;
  visit(document, {
    OperationDefinition(operation) {
      isOther ||= query !== null || operation.operation !== OperationTypeNode.QUERY;
      query = operation;
    },
    Directive({ name }) {
      isOther ||= name.value === 'skip' || name.value === 'include';
    },
    Field({ name }) {
      isOther ||= name.value === '__schema' || name.value === '__type';
    },
  });
  return isOther ? null : query;
}
