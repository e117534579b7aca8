/** Documents of subgraph operations: parts of them, and as text. */
import { Kind, print, stripIgnoredCharacters } from 'graphql';
import type {
  ASTNode,
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  OperationDefinitionNode,
  SelectionNode,
} from 'graphql';
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

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

export const fragmentsOf = (document: DocumentNode): Fragments =>
  new Map(
    document.definitions
      .filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );

/** Of whom nothing is asked, that they are there. */
export const orTypename = (selections: readonly SelectionNode[]): readonly SelectionNode[] =>
  selections.length > 0 ? selections : [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }];

export const responseName = (field: FieldNode): string => (field.alias ?? field.name).value;

export const textOf = (node: ASTNode): string => stripIgnoredCharacters(print(node));

export const textOfAll = (nodes: readonly ASTNode[]): string => nodes.map(textOf).join(' ');

/** Response names below `selections` for an object that is of the types for which `isOf` holds. */
export const namesFor = (selections: readonly SelectionNode[], isOf: (type: string) => boolean): string[] =>
  selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) return node.name.value === '__typename' ? [] : [responseName(node)];
    if (node.kind !== Kind.INLINE_FRAGMENT) return [];
    const condition = node.typeCondition?.name.value;
    return condition === undefined || isOf(condition) ? namesFor(node.selectionSet.selections, isOf) : [];
  });
