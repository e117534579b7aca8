/**
 * One representation has one value under one name. Where a fetch's fields require the same field with different arguments, it
 * becomes several fetches, each with those fields whose requirements agree; they go out together all the same.
 */
import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import { Kind } from 'graphql';
import type { DocumentNode, FieldNode, SelectionNode } from 'graphql';
import type { SyntheticField, SyntheticFields } from '../supergraph/synthetic-fields.ts';
import { entitiesField, operationOf } from './document.ts';

export interface EntityFetch {
  readonly service: string;
  readonly document: DocumentNode;
  readonly requires: readonly QueryPlanSelectionNode[];
}

interface Group {
  readonly needs: Map<string, SyntheticField>;
  readonly selections: SelectionNode[];
}

export function splitConflicts(fetch: EntityFetch, synthetic: SyntheticFields): readonly EntityFetch[] {
  const required = new Map(syntheticIn(fetch.requires, synthetic).map((field) => [field.name, field]));
  if (!hasClash([...required.values()])) return [fetch];
  const groups: Group[] = [];
  for (const { selection, needs } of singleSelections(fetch, synthetic)) {
    let group = groups.find((one) => !hasClash([...one.needs.values(), ...needs]));
    if (!group) groups.push((group = { needs: new Map(), selections: [] }));
    for (const need of needs) group.needs.set(need.name, need);
    group.selections.push(selection);
  }
  return groups.map(({ needs, selections }) => ({
    ...fetch,
    requires: without(fetch.requires, (name) => required.has(name) && !needs.has(name)),
    document: withEntitySelections(fetch.document, selections),
  }));
}

const hasClash = (fields: readonly SyntheticField[]): boolean =>
  fields.some((one) => fields.some((other) => one.field === other.field && one.given !== other.given));

const syntheticIn = (
  selections: readonly QueryPlanSelectionNode[],
  synthetic: SyntheticFields,
): readonly SyntheticField[] =>
  selections.flatMap((node) => {
    const own = node.kind === 'Field' ? synthetic.byName(node.name) : undefined;
    return [...(own ? [own] : []), ...syntheticIn(node.selections ?? [], synthetic)];
  });

interface SingleSelection {
  readonly selection: SelectionNode;
  readonly needs: readonly SyntheticField[];
}

/** Every field of every type by itself, in its fragment, with what it requires. */
function singleSelections({ document, service }: EntityFetch, synthetic: SyntheticFields): readonly SingleSelection[] {
  const needsOf = (type: string, node: SelectionNode): readonly SyntheticField[] => {
    if (node.kind === Kind.FIELD) return synthetic.requiredBy(type, node.name.value, service);
    if (node.kind === Kind.FRAGMENT_SPREAD) return [];
    const inner = node.typeCondition?.name.value ?? type;
    return node.selectionSet.selections.flatMap((one) => needsOf(inner, one));
  };
  return (entitiesField(document).selectionSet?.selections ?? []).flatMap((fragment): SingleSelection[] => {
    if (fragment.kind !== Kind.INLINE_FRAGMENT) return [{ selection: fragment, needs: needsOf('', fragment) }];
    const type = fragment.typeCondition?.name.value ?? '';
    return fragment.selectionSet.selections.map((node) => ({
      selection: { ...fragment, selectionSet: { ...fragment.selectionSet, selections: [node] } },
      needs: needsOf(type, node),
    }));
  });
}

const without = (
  selections: readonly QueryPlanSelectionNode[],
  isDropped: (name: string) => boolean,
): QueryPlanSelectionNode[] =>
  selections.flatMap((node): QueryPlanSelectionNode[] => {
    if (node.kind === 'Field' && isDropped(node.name)) return [];
    if (!node.selections?.length) return [node];
    const selections = without(node.selections, isDropped);
    return selections.length === 0 ? [] : [{ ...node, selections }];
  });

export function withEntitySelections(document: DocumentNode, selections: readonly SelectionNode[]): DocumentNode {
  const operation = operationOf(document);
  const entities: FieldNode = {
    ...entitiesField(document),
    selectionSet: { kind: Kind.SELECTION_SET, selections },
  };
  return {
    ...document,
    definitions: document.definitions.map((definition) =>
      definition === operation
        ? { ...operation, selectionSet: { ...operation.selectionSet, selections: [entities] } }
        : definition,
    ),
  };
}
