/** `__schema` and `__type` beside what is fetched: answered here, by graphql-js. */
import { executeSync, Kind } from 'graphql';
import type { DefinitionNode, DocumentNode, GraphQLSchema, OperationDefinitionNode, SelectionNode } from 'graphql';

const isMeta = (node: SelectionNode): boolean =>
  node.kind === Kind.FIELD && (node.name.value === '__schema' || node.name.value === '__type');

/** Of an operation only what is about the schema; fragments at the root too. */
export function introspect(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const root = schema.getQueryType()?.name;
  const keep = (nodes: readonly SelectionNode[]): SelectionNode[] =>
    nodes.flatMap((node): SelectionNode[] => {
      if (node.kind === Kind.FIELD) return isMeta(node) ? [node] : [];
      if (node.kind !== Kind.INLINE_FRAGMENT) return [node];
      const selections = keep(node.selectionSet.selections);
      return selections.length > 0 ? [{ ...node, selectionSet: { ...node.selectionSet, selections } }] : [];
    });
  const definitions = document.definitions.flatMap((definition): DefinitionNode[] => {
    if (definition === operation)
      return [
        {
          ...operation,
          selectionSet: { ...operation.selectionSet, selections: keep(operation.selectionSet.selections) },
        },
      ];
    if (definition.kind !== Kind.FRAGMENT_DEFINITION) return [];
    if (definition.typeCondition.name.value !== root) return [definition];
    const selections = keep(definition.selectionSet.selections);
    return [{ ...definition, selectionSet: { ...definition.selectionSet, selections } }];
  });
  const { data } = executeSync({
    schema,
    document: { ...document, definitions },
    rootValue: {},
    variableValues: variables,
    ...(operation.name && { operationName: operation.name.value }),
  });
  return data ?? {};
}
