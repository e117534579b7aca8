/** A subgraph over a world: it holds the fields that its schema gives it, and is strict about what it is asked and sent. */
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, parse, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { foreignFields, isAIn, possibleTypes, requirements, resolvableKeys, typeDefsOf } from './declaration.ts';
import type { DeclaredSubgraph } from './declaration.ts';
import { broken, type Faults } from './faults.ts';
import { pick, represent, type FieldSet } from './field-set.ts';
import type { Args, Thing, World } from './world.ts';

export interface SubgraphOptions {
  readonly declared: DeclaredSubgraph;
  readonly world: World;
  readonly faults: () => Faults;
  /** The supergraph's whole schema, for the types behind an `@interfaceObject`. */
  readonly supergraph: () => GraphQLSchema;
}

export interface SubgraphRequest {
  readonly query: string;
  readonly variables?: Args | null;
}

/** Something that was asked for by its key. A class, so that it is never taken for a thing. */
class Referenced {
  readonly thing: Thing;
  readonly sent: Args;
  constructor(thing: Thing, sent: Args) {
    this.thing = thing;
    this.sent = sent;
  }
}

export function createSubgraph({ declared, world, faults, supergraph }: SubgraphOptions) {
  const typeDefs = typeDefsOf(declared);
  const keys = resolvableKeys(typeDefs);
  const required = requirements(typeDefs);
  const foreign = foreignFields(typeDefs);
  const isA = isAIn(supergraph);
  const read = (thing: Thing, field: string, args: Args) => world.read(thing, field, args, {});

  const find = (type: string, sent: Args): Referenced | null => {
    const byKey = (keys.get(type) ?? []).flatMap((key) => {
      const given = pick(sent, key);
      return given ? [{ key, given: JSON.stringify(given) }] : [];
    });
    const [first] = byKey;
    if (!first) throw new Error(`${declared.name} was asked for a ${type} by ${Object.keys(sent).join(', ')}: no key.`);
    const thing = possibleTypes(supergraph(), type)
      .flatMap((possible) => world.all(possible))
      .find((one) => JSON.stringify(represent(one, first.key, read, isA)) === first.given);
    return thing && !faults().absent(thing, declared.name) ? new Referenced(thing, sent) : null;
  };

  const typeOf = (source: unknown): string =>
    (source instanceof Referenced ? source.thing : (source as Thing)).__typename;
  const schema = buildSubgraphSchema({
    typeDefs,
    resolvers: Object.fromEntries(
      [...keys.keys()].map((type) => [
        type,
        { __resolveReference: (sent: Args) => find(type, sent), __resolveType: typeOf },
      ]),
    ),
  });

  const needsOf = (source: unknown, path: string, set: FieldSet): Args => {
    const needs = source instanceof Referenced ? pick(source.sent, set) : null;
    if (!needs) throw new Error(`${declared.name} was asked for ${path} without what it requires.`);
    return needs;
  };

  return ({ query, variables }: SubgraphRequest): Promise<ExecutionResult> | ExecutionResult =>
    execute({
      schema,
      document: parse(query),
      variableValues: variables ?? {},
      typeResolver: typeOf,
      fieldResolver(source: unknown, args: Args, _context, { parentType, fieldName }) {
        const path = `${parentType.name}.${fieldName}`;
        if (foreign.has(path)) throw new Error(`${declared.name} was asked for ${path}, which it does not hold.`);
        const set = required.get(path);
        const needs = set ? needsOf(source, path, set) : {};
        const thing =
          source instanceof Referenced
            ? source.thing
            : ((source ?? world.root(path.split('.')[0] as 'Query')) as Thing);
        const own = declared.instead?.[path];
        return broken(faults(), thing, fieldName, () => (own ? own(args) : world.read(thing, fieldName, args, needs)));
      },
    });
}
