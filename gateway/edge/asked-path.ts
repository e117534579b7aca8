import { Kind } from 'graphql';
import type { DocumentNode, OperationDefinitionNode, SelectionSetNode } from 'graphql';

/** As far along an error's path as the operation's own selections go. */
export function askedPath(
  path: readonly (string | number)[],
  document: DocumentNode,
  operation: OperationDefinitionNode,
): (string | number)[] {
  const fragments = new Map(
    document.definitions.flatMap((d) =>
      d.kind === Kind.FRAGMENT_DEFINITION ? [[d.name.value, d.selectionSet] as const] : [],
    ),
  );
  const below = (
    sets: readonly SelectionSetNode[],
    key: string,
    seen: Set<string>,
  ): { found: boolean; sets: SelectionSetNode[] } => {
    let found = false;
    const deeper: SelectionSetNode[] = [];
    const look = ({ selections }: SelectionSetNode): void => {
      for (const selection of selections) {
        if (selection.kind === Kind.FIELD) {
          if ((selection.alias ?? selection.name).value !== key) continue;
          found = true;
          if (selection.selectionSet) deeper.push(selection.selectionSet);
        } else if (selection.kind === Kind.INLINE_FRAGMENT) look(selection.selectionSet);
        else if (!seen.has(selection.name.value)) {
          seen.add(selection.name.value);
          const fragment = fragments.get(selection.name.value);
          if (fragment) look(fragment);
        }
      }
    };
    sets.forEach(look);
    return { found, sets: deeper };
  };
  const kept: (string | number)[] = [];
  let sets: readonly SelectionSetNode[] = [operation.selectionSet];
  for (const part of path) {
    if (typeof part === 'string') {
      const next = below(sets, part, new Set());
      if (!next.found) break;
      sets = next.sets;
    }
    kept.push(part);
  }
  return kept;
}
