/** Where stock Apollo answers wrongly and the executor must not: told from the query and the schemas alone, never from the answers. */
import { isObjectType, parse, print, TypeInfo, visit, visitWithTypeInfo, type GraphQLSchema } from 'graphql';
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

function whatIsAsked(query: string, schema: GraphQLSchema): Asked {
  const fields = new Set<string>();
  const aliases = new Set<string>();
  const narrowed = new Set<string>();
  const types = new TypeInfo(schema);
  visit(
    parse(query),
    visitWithTypeInfo(types, {
      Field({ name, alias }) {
        fields.add(`${types.getParentType()?.name ?? ''}.${name.value}`);
        if (alias && alias.value !== name.value) aliases.add(alias.value);
        const parent = types.getParentType();
        if (isObjectType(parent)) for (const one of parent.getInterfaces()) narrowed.add(one.name);
      },
    }),
  );
  return { fields, aliases, narrowed };
}
