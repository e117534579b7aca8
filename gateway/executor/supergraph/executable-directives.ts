/**
 * Directives that clients may use, and that subgraphs look at: `@composeDirective` brings them into the supergraph, where
 * Apollo's libraries take whatever a `@link` imports for their own and hide it.
 */
import { Kind, visit } from 'graphql';
import type { ConstArgumentNode, ConstDirectiveNode, ConstValueNode, DocumentNode, GraphQLSchema } from 'graphql';
import { argumentOf } from './join-directive.ts';

const EXECUTABLE = new Set([
  'QUERY',
  'MUTATION',
  'SUBSCRIPTION',
  'FIELD',
  'FRAGMENT_DEFINITION',
  'FRAGMENT_SPREAD',
  'INLINE_FRAGMENT',
  'VARIABLE_DEFINITION',
]);

/** The supergraph as if nobody had imported them: then they are clients' like any other. */
export function withExecutableDirectives(supergraph: DocumentNode): DocumentNode {
  const executable = new Set(
    supergraph.definitions.flatMap((one) =>
      one.kind === Kind.DIRECTIVE_DEFINITION && one.locations.some(({ value }) => EXECUTABLE.has(value))
        ? [`@${one.name.value}`]
        : [],
    ),
  );
  if (executable.size === 0) return supergraph;
  return visit(supergraph, {
    SchemaDefinition: (schema) => ({
      ...schema,
      directives: (schema.directives ?? []).flatMap((link) => withoutImports(link, executable)),
    }),
  });
}

/** Empty where nothing else was imported by it. */
function withoutImports(link: ConstDirectiveNode, names: ReadonlySet<string>): readonly ConstDirectiveNode[] {
  const imported = link.name.value === 'link' ? argumentOf(link, 'import') : undefined;
  // What is for something (security, execution) must not be served by whoever does not know it.
  if (imported?.kind !== Kind.LIST || argumentOf(link, 'for')) return [link];
  const values = imported.values.filter((value) => !names.has(importedName(value)));
  if (values.length === imported.values.length) return [link];
  if (values.length === 0) return [];
  const others = (argument: ConstArgumentNode): ConstArgumentNode =>
    argument.name.value === 'import' ? { ...argument, value: { ...imported, values } } : argument;
  return [{ ...link, arguments: (link.arguments ?? []).map(others) }];
}

/** What it is called here: `"@access"`, or `{ name: "@access", as: "@may" }`. */
function importedName(value: ConstValueNode): string {
  if (value.kind === Kind.STRING) return value.value;
  if (value.kind !== Kind.OBJECT) return '';
  const said = (name: string): ConstValueNode | undefined => value.fields.find((one) => one.name.value === name)?.value;
  const called = said('as') ?? said('name');
  return called?.kind === Kind.STRING ? called.value : '';
}

/** For documents that go to subgraphs. They may have no default where the supergraph has one: it is said. */
export function createDirectiveDefaults(schema: GraphQLSchema): (document: DocumentNode) => DocumentNode {
  const defaults = new Map(
    schema.getDirectives().map(({ name, args }) => [
      name,
      args.flatMap(({ name: argument, astNode }) => {
        const value = astNode?.defaultValue;
        return value ? [{ kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: argument }, value } as const] : [];
      }),
    ]),
  );
  return (document) =>
    visit(document, {
      Directive(node) {
        const given = new Set((node.arguments ?? []).map(({ name }) => name.value));
        const added = (defaults.get(node.name.value) ?? []).filter(({ name }) => !given.has(name.value));
        return added.length > 0 ? { ...node, arguments: [...(node.arguments ?? []), ...added] } : undefined;
      },
    });
}
