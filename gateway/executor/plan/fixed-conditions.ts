/**
 * An operation for given values of what its `@skip` and `@include` look at: without what is left out, and without conditions. The
 * planner gathers what fields require whether they are left out or not, and one that is asked then waits for what nobody fetches.
 */
import { getDirectiveValues, GraphQLIncludeDirective, GraphQLSkipDirective, Kind, visit } from 'graphql';
import type { DocumentNode, OperationDefinitionNode, SelectionNode } from 'graphql';
import { orTypename } from './document.ts';

export type Conditions = Readonly<Record<string, boolean>>;

/** `variables`: coerced, or none when only the defaults are meant. */
export type ConditionsOf = (variables: Readonly<Record<string, unknown>>) => Conditions;

/** Null for an operation without them: most have none. */
export function createConditions(
  document: DocumentNode,
  { variableDefinitions = [] }: OperationDefinitionNode,
): ConditionsOf | null {
  const names = new Set<string>();
  visit(document, {
    Directive({ name, arguments: given = [] }) {
      if (name.value !== 'skip' && name.value !== 'include') return;
      for (const { value } of given) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  if (names.size === 0) return null;
  const presets = new Map(
    variableDefinitions.map(({ variable, defaultValue }) => [
      variable.name.value,
      defaultValue?.kind === Kind.BOOLEAN && defaultValue.value,
    ]),
  );
  return (variables) =>
    Object.fromEntries(
      [...names].map((name) => [name, (Object.hasOwn(variables, name) ? variables[name] : presets.get(name)) === true]),
    );
}

const isLeftOut = (node: SelectionNode, conditions: Conditions): boolean =>
  getDirectiveValues(GraphQLSkipDirective, node, conditions)?.['if'] === true ||
  getDirectiveValues(GraphQLIncludeDirective, node, conditions)?.['if'] === false;

export function withConditions(document: DocumentNode, conditions: Conditions): DocumentNode {
  const decide = <Node extends SelectionNode>(node: Node): Node | null | undefined => {
    if (!node.directives?.length) return undefined;
    if (isLeftOut(node, conditions)) return null;
    const directives = node.directives.filter(({ name }) => name.value !== 'skip' && name.value !== 'include');
    return { ...node, directives };
  };
  return visit(document, {
    Field: { enter: decide },
    InlineFragment: { enter: decide },
    FragmentSpread: { enter: decide },
    SelectionSet: { leave: (set) => ({ ...set, selections: orTypename(set.selections) }) },
  });
}
