/** Where stock Apollo answers wrongly and the executor must not: told from the query and the schemas alone, never from the answers. */
import {
  getNamedType,
  isCompositeType,
  isObjectType,
  isUnionType,
  Kind,
  parse,
  print,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import {
  foundations,
  hasClosedKey,
  interfaceObjects,
  requirements,
  typeDefsOf,
  type Declaration,
} from './declaration.ts';

interface KnownDifference {
  readonly reason: string;
  readonly holds: (query: Asked, declaration: Declaration) => boolean;
}

interface Asked {
  /** `Type.field` of every field. */
  readonly fields: ReadonlySet<string>;
  /** Names that the client gives to other fields. */
  readonly aliases: ReadonlySet<string>;
  /** Of the fields that are asked of members only, the interfaces. */
  readonly narrowed: ReadonlySet<string>;
  /** `Type.field` of every field that stands under a condition. */
  readonly conditional: ReadonlySet<string>;
}

const KNOWN: readonly KnownDifference[] = [
  {
    // The planner asks the required field under its own name, where the client's arguments or another requirement's stand already.
    reason: 'a field is asked that requires another with arguments',
    holds: ({ fields }, { subgraphs }) =>
      subgraphs.some((declared) =>
        [...requirements(typeDefsOf(declared))].some(([path, set]) => fields.has(path) && print(set).includes('(')),
      ),
  },
  {
    // What stands under the alias is sent as the key, or as what is required.
    reason: 'an alias is called as a field of a key or a requirement',
    holds: ({ aliases }, declaration) => [...foundations(declaration)].some((name) => aliases.has(name)),
  },
  {
    // Having fetched what is required, the planner comes back by a key that lets nobody in.
    reason: 'a field with a requirement is asked of what has a key by which its subgraph cannot be entered',
    holds: ({ fields }, { subgraphs }) =>
      subgraphs.some((declared) => {
        const typeDefs = typeDefsOf(declared);
        return [...requirements(typeDefs).keys()].some(
          (path) => fields.has(path) && hasClosedKey(typeDefs, path.split('.')[0] ?? ''),
        );
      }),
  },
  {
    // Where the field is left out, others of the same things wait for what it requires.
    reason: 'a field with a requirement stands under a condition',
    holds: ({ conditional }, { subgraphs }) =>
      subgraphs.some((declared) =>
        [...requirements(typeDefsOf(declared)).keys()].some((path) => conditional.has(path)),
      ),
  },
  {
    // What a subgraph answers of it makes members of the interface things of which no member is known; members' keys get lost.
    reason: 'an interface that a subgraph knows as one object is asked by its members',
    holds: ({ narrowed }, { subgraphs }) =>
      subgraphs.some((declared) => interfaceObjects(typeDefsOf(declared)).some((name) => narrowed.has(name))),
  },
];

export function knownDifference(query: string, schema: GraphQLSchema, declaration: Declaration): string | null {
  const asked = whatIsAsked(query, schema);
  return KNOWN.find(({ holds }) => holds(asked, declaration))?.reason ?? null;
}

const isConditional = ({ directives = [] }: SelectionNode): boolean =>
  directives.some(({ name }) => name.value === 'skip' || name.value === 'include');

function whatIsAsked(query: string, schema: GraphQLSchema): Asked {
  const fields = new Set<string>();
  const aliases = new Set<string>();
  const narrowed = new Set<string>();
  const conditional = new Set<string>();
  const { definitions } = parse(query);
  const typeCalled = (name: string) => schema.getType(name) as GraphQLCompositeType;
  const fragments = new Map(
    definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])),
  );

  function walk({ selections }: SelectionSetNode, parent: GraphQLCompositeType, isUnder: boolean): void {
    for (const node of selections) {
      const under = isUnder || isConditional(node);
      if (node.kind === Kind.FIELD) walkField(node, parent, under);
      else {
        const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value);
        const condition = fragment?.typeCondition?.name.value;
        if (fragment) walk(fragment.selectionSet, condition === undefined ? parent : typeCalled(condition), under);
      }
    }
  }

  function walkField(node: FieldNode, parent: GraphQLCompositeType, isUnder: boolean): void {
    const { name, alias, selectionSet } = node;
    const path = `${parent.name}.${name.value}`;
    fields.add(path);
    if (isUnder) conditional.add(path);
    if (alias && alias.value !== name.value) aliases.add(alias.value);
    if (isObjectType(parent)) for (const one of parent.getInterfaces()) narrowed.add(one.name);
    const type = isUnionType(parent) ? undefined : getNamedType(parent.getFields()[name.value]?.type);
    if (selectionSet && isCompositeType(type)) walk(selectionSet, type, isUnder);
  }

  for (const one of definitions) {
    const root = one.kind === Kind.OPERATION_DEFINITION ? schema.getRootType(one.operation) : undefined;
    if (one.kind === Kind.OPERATION_DEFINITION && root) walk(one.selectionSet, root, false);
  }
  return { fields, aliases, narrowed, conditional };
}
