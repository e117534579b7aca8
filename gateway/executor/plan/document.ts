/** Documents of subgraph operations: parts of them, and as text. */
import { Kind, print, stripIgnoredCharacters } from 'graphql';
import type { ASTNode, DocumentNode, FieldNode, OperationDefinitionNode, SelectionNode } from 'graphql';
import { AppError } from '../../../core/platform/errors.ts';

export function operationOf(document: DocumentNode): OperationDefinitionNode {
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new AppError('INTERNAL', 'A fetch has no operation.');
  return operation;
}

/** `_entities` of an entity fetch. */
export function entitiesField(document: DocumentNode): FieldNode {
  const [field] = operationOf(document).selectionSet.selections;
  if (field?.kind !== Kind.FIELD) throw new AppError('INTERNAL', 'An entity fetch does not ask for entities.');
  return field;
}

export const responseName = (field: FieldNode): string => (field.alias ?? field.name).value;

export const textOf = (node: ASTNode): string => stripIgnoredCharacters(print(node));

export const textOfAll = (nodes: readonly ASTNode[]): string => nodes.map(textOf).join(' ');

/** Response names below `selections` for an object of this type, as a planner's fetch has them: one fragment per type. */
export const namesFor = (selections: readonly SelectionNode[], typename: string | undefined): string[] =>
  selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) return node.name.value === '__typename' ? [] : [responseName(node)];
    if (node.kind !== Kind.INLINE_FRAGMENT) return [];
    const condition = node.typeCondition?.name.value;
    return condition === undefined || typename === undefined || condition === typename
      ? namesFor(node.selectionSet.selections, typename)
      : [];
  });
