/**
 * Two things that the planner gets wrong are put right in what it is shown: the supergraph (a) without keys that are not
 * resolvable where the same subgraph has one that is (the planner would enter by either), and (b) with a synthetic field for
 * every field with arguments that a `@requires` names (synthetic-fields.ts). Clients see the schema as it was.
 */
import { Kind } from 'graphql';
import type { ConstDirectiveNode, DefinitionNode, DocumentNode } from 'graphql';
import { flagOf, graphOf, textOf } from './join-directive.ts';
import { withSyntheticFields, type Composite, type SyntheticFields } from './synthetic-fields.ts';

export interface CorrectedSupergraph {
  readonly document: DocumentNode;
  readonly synthetic: SyntheticFields;
}

const isComposite = (node: DefinitionNode): node is Composite =>
  node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION;

export function correctSupergraph(document: DocumentNode): CorrectedSupergraph {
  const types = new Map(document.definitions.filter(isComposite).map((type) => [type.name.value, type]));
  for (const type of types.values()) types.set(type.name.value, withoutMisleadingKeys(type));
  const synthetic = withSyntheticFields(types, graphNames(document));
  const definitions = document.definitions.map((definition) =>
    isComposite(definition) ? (types.get(definition.name.value) ?? definition) : definition,
  );
  return { document: { ...document, definitions }, synthetic };
}

/** (a) */
function withoutMisleadingKeys(type: Composite): Composite {
  const directives = type.directives ?? [];
  const isKey = (directive: ConstDirectiveNode): boolean =>
    directive.name.value === 'join__type' && textOf(directive, 'key') !== null;
  const isResolvable = (directive: ConstDirectiveNode): boolean => flagOf(directive, 'resolvable') !== false;
  const enterable = new Set(directives.filter((one) => isKey(one) && isResolvable(one)).map(graphOf));
  return {
    ...type,
    directives: directives.filter((one) => !isKey(one) || isResolvable(one) || !enterable.has(graphOf(one))),
  };
}

/** Enum value of join__Graph to the subgraph's name. */
export function graphNames(document: DocumentNode): ReadonlyMap<string, string> {
  const graphs = document.definitions.find(
    (definition) => definition.kind === Kind.ENUM_TYPE_DEFINITION && definition.name.value === 'join__Graph',
  );
  if (graphs?.kind !== Kind.ENUM_TYPE_DEFINITION) return new Map();
  return new Map(
    (graphs.values ?? []).map((value) => {
      const directive = value.directives?.find(({ name }) => name.value === 'join__graph');
      return [value.name.value, (directive && textOf(directive, 'name')) ?? value.name.value];
    }),
  );
}
