import { Kind, type GraphQLResolveInfo, type SelectionSetNode } from 'graphql';

/** Is any of these fields asked for below the field that is being resolved? What a fragment's condition or a directive rules out counts too. */
export function selects({ fieldNodes, fragments }: GraphQLResolveInfo, names: ReadonlySet<string>): boolean {
  const within = (set: SelectionSetNode | undefined): boolean =>
    (set?.selections ?? []).some((selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return within(fragments[selection.name.value]?.selectionSet);
      if (selection.kind === Kind.FIELD && names.has(selection.name.value)) return true;
      return within(selection.selectionSet);
    });
  return fieldNodes.some(({ selectionSet }) => within(selectionSet));
}
