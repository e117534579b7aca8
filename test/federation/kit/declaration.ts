/** A small federation as a test declares it, and what its schemas say about keys, requirements and what is not theirs. */
import { isAbstractType, Kind, parse, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { ConstDirectiveNode, FieldDefinitionNode, InterfaceTypeDefinitionNode } from 'graphql';
import type { ObjectTypeDefinitionNode, ObjectTypeExtensionNode } from 'graphql';
import { namesIn, parseFieldSet, type FieldSet, type IsA } from './field-set.ts';
import type { Args, World } from './world.ts';

export interface DeclaredSubgraph {
  readonly name: string;
  readonly typeDefs: string | DocumentNode;
  /** What this subgraph alone says instead, by `Type.field`: what it still holds of what another has overridden. */
  readonly instead?: Readonly<Record<string, (args: Args) => unknown>>;
}

export interface Declaration {
  readonly subgraphs: readonly DeclaredSubgraph[];
  /** Made twice: mutations of the subgraphs' world do not change the reference's. */
  readonly world: () => World;
}

const DIRECTIVES = 'key requires provides external shareable override inaccessible interfaceObject'.split(' ');
const LINK = `extend schema @link(
  url: "https://specs.apollo.dev/federation/v2.9", import: ${JSON.stringify(DIRECTIVES.map((name) => `@${name}`))}
)`;

export const typeDefsOf = ({ typeDefs }: DeclaredSubgraph): DocumentNode =>
  typeof typeDefs === 'string' ? parse(`${LINK}\n${typeDefs}`) : typeDefs;

/** By type. */
export type Keys = ReadonlyMap<string, readonly FieldSet[]>;

/** Of everything that has one, only those by which the subgraph can be entered. */
export function resolvableKeys(typeDefs: DocumentNode): Keys {
  const keys = new Map<string, FieldSet[]>();
  for (const { name, directives = [] } of fieldedTypes(typeDefs))
    for (const directive of directives) {
      if (directive.name.value !== 'key') continue;
      const resolvable = argument(directive, 'resolvable') !== false;
      const known = keys.get(name.value) ?? [];
      keys.set(name.value, resolvable ? [...known, parseFieldSet(String(argument(directive, 'fields')))] : known);
    }
  return keys;
}

/** By `Type.field`. */
export function requirements(typeDefs: DocumentNode): ReadonlyMap<string, FieldSet> {
  return new Map(
    fieldsWith(typeDefs, 'requires').map(([path, directive]) => [
      path,
      parseFieldSet(String(argument(directive, 'fields'))),
    ]),
  );
}

/** Whether the subgraph names a key of the type by which nobody can enter it. */
export const hasClosedKey = (typeDefs: DocumentNode, type: string): boolean =>
  fieldedTypes(typeDefs).some(
    ({ name, directives = [] }) =>
      name.value === type &&
      directives.some((one) => one.name.value === 'key' && argument(one, 'resolvable') === false),
  );

/** Types that stand for an interface of another subgraph. */
export const interfaceObjects = (typeDefs: DocumentNode): readonly string[] =>
  fieldedTypes(typeDefs).flatMap(({ name, directives = [] }) =>
    directives.some((one) => one.name.value === 'interfaceObject') ? [name.value] : [],
  );

/** Fields by which things are found or of which others are made: what is wrong with them is wrong in other places for a gateway. */
export function foundations({ subgraphs }: Declaration): ReadonlySet<string> {
  const sets = subgraphs.flatMap((declared) => {
    const typeDefs = typeDefsOf(declared);
    return [...[...resolvableKeys(typeDefs).values()].flat(), ...requirements(typeDefs).values()];
  });
  return new Set(sets.flatMap(namesIn));
}

/** `Type.field` of what the subgraph names but never holds: it may not be asked for it. */
export function foreignFields(typeDefs: DocumentNode): ReadonlySet<string> {
  const provided = fieldsWith(typeDefs, 'provides').map(([, directive]) => String(argument(directive, 'fields')));
  const known = new Set(provided.flatMap((text) => text.match(/\w+/g) ?? []));
  return new Set(
    fieldsWith(typeDefs, 'external').flatMap(([path]) => (known.has(path.split('.')[1] ?? '') ? [] : [path])),
  );
}

/** Whether a thing of one type is one of another, interfaces and unions included. */
export const isAIn =
  (schema: () => GraphQLSchema): IsA =>
  (type, condition) =>
    type === condition || possibleTypes(schema(), condition).includes(type);

export function possibleTypes(schema: GraphQLSchema, name: string): readonly string[] {
  const type = schema.getType(name);
  return isAbstractType(type) ? schema.getPossibleTypes(type).map((possible) => possible.name) : [name];
}

type FieldedType = ObjectTypeDefinitionNode | ObjectTypeExtensionNode | InterfaceTypeDefinitionNode;

const fieldedTypes = (typeDefs: DocumentNode): readonly FieldedType[] =>
  typeDefs.definitions.filter(
    (definition) =>
      definition.kind === Kind.OBJECT_TYPE_DEFINITION ||
      definition.kind === Kind.OBJECT_TYPE_EXTENSION ||
      definition.kind === Kind.INTERFACE_TYPE_DEFINITION,
  );

const fieldsWith = (typeDefs: DocumentNode, directive: string): [path: string, ConstDirectiveNode][] =>
  fieldedTypes(typeDefs).flatMap(({ name, fields = [] }) =>
    fields.flatMap((field: FieldDefinitionNode) =>
      (field.directives ?? [])
        .filter((one) => one.name.value === directive)
        .map((one): [string, ConstDirectiveNode] => [`${name.value}.${field.name.value}`, one]),
    ),
  );

function argument(directive: ConstDirectiveNode, name: string): string | boolean | undefined {
  const value = directive.arguments?.find((one) => one.name.value === name)?.value;
  return value?.kind === Kind.STRING || value?.kind === Kind.BOOLEAN ? value.value : undefined;
}
