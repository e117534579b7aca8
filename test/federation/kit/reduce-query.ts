/** The smallest query, made of a larger one by leaving things out, of which something still holds: what a failing test tells. */
import { Kind, parse, print, validate, visit } from 'graphql';
import type { ASTNode, DocumentNode, GraphQLSchema } from 'graphql';

export async function reduceQuery(
  query: string,
  schema: GraphQLSchema,
  holds: (query: string) => Promise<boolean>,
): Promise<string> {
  let smallest = parse(query, { noLocation: true });
  for (let position = 0; ;) {
    const smaller = without(smallest, position);
    if (smaller === null) return print(smallest);
    if (validate(schema, smaller).length === 0 && (await holds(print(smaller)))) smallest = smaller;
    else position += 1;
  }
}

const REMOVABLE: ReadonlySet<string> = new Set([
  ...[Kind.FIELD, Kind.INLINE_FRAGMENT, Kind.FRAGMENT_SPREAD, Kind.DIRECTIVE, Kind.ARGUMENT],
]);

/** Without its `position`th part; null when there are not so many. */
function without(document: DocumentNode, position: number): DocumentNode | null {
  let seen = -1;
  const shortened = visit(document, {
    enter(node) {
      if (!REMOVABLE.has(node.kind)) return undefined;
      seen += 1;
      return seen === position ? null : undefined;
    },
  });
  return seen < position ? null : used(shortened);
}

/** Without fragments and variables that nothing names any more. */
function used(document: DocumentNode): DocumentNode {
  const spread = namesOf(document, Kind.FRAGMENT_SPREAD);
  const kept = {
    ...document,
    definitions: document.definitions.filter(
      (one) => one.kind !== Kind.FRAGMENT_DEFINITION || spread.has(one.name.value),
    ),
  };
  if (kept.definitions.length < document.definitions.length) return used(kept);
  const named = new Set<string>();
  visit(kept, {
    VariableDefinition: () => false,
    Variable: (node) => void named.add(node.name.value),
  });
  return visit(kept, {
    VariableDefinition: (node) => (named.has(node.variable.name.value) ? false : null),
  });
}

function namesOf(document: ASTNode, kind: Kind.FRAGMENT_SPREAD): ReadonlySet<string> {
  const names = new Set<string>();
  visit(document, { [kind]: (node: { name: { value: string } }) => void names.add(node.name.value) });
  return names;
}
