/** A world made up from a schema alone: what a field says follows from the thing, the field, its arguments and what it was told. */
import { getNamedType, isEnumType, isListType, isNonNullType, isScalarType } from 'graphql';
import type { GraphQLObjectType, GraphQLOutputType, GraphQLSchema } from 'graphql';
import { createRandom, type Random } from '../../../demo/county/random.ts';
import { possibleTypes, resolvableKeys, typeDefsOf, type DeclaredSubgraph } from './declaration.ts';
import { namesIn } from './field-set.ts';
import { hash, labelOf } from './faults.ts';
import type { Args, Thing, World } from './world.ts';

const THINGS = 5;
const LONGEST = 2;

export function createGeneratedWorld(schema: GraphQLSchema, subgraphs: readonly DeclaredSubgraph[]): World {
  const keys = new Map<string, Set<string>>();
  for (const declared of subgraphs)
    for (const [type, sets] of resolvableKeys(typeDefsOf(declared)))
      keys.set(type, new Set([...(keys.get(type) ?? []), ...sets.flatMap(namesIn)]));
  const things = new Map(
    [...keys.keys()].map((type) => [
      type,
      Array.from({ length: THINGS }, (_, index): Thing => ({ __typename: type, id: `${type}-${index}` })),
    ]),
  );

  const make = (type: GraphQLOutputType, random: Random, seed: string, needed: boolean): unknown => {
    if (isNonNullType(type)) return make(type.ofType, random, seed, true);
    if (!needed && random.chance(0.15)) return null;
    if (isListType(type))
      return Array.from({ length: random.between(0, LONGEST) }, (_, index) =>
        make(type.ofType, random, `${seed}.${index}`, false),
      );
    if (isEnumType(type)) return random.pick(type.getValues()).name;
    if (isScalarType(type)) return scalar(type.name, random, seed);
    const name = random.pick(possibleTypes(schema, getNamedType(type).name));
    const known = things.get(name);
    return known ? random.pick(known) : { __typename: name, seed };
  };

  return {
    root: (type) => ({ __typename: type, seed: type }),
    all: (type) => things.get(type) ?? [],
    read(thing, field, args, needs) {
      if (field in thing) return thing[field];
      const type = schema.getType(thing.__typename) as GraphQLObjectType;
      const seed = `${labelOf(thing)}.${field}${stable(args)}${stable(needs)}`;
      const declared = type.getFields()[field]?.type;
      if (!declared) throw new Error(`${thing.__typename} has no ${field}`);
      const isKey = keys.get(thing.__typename)?.has(field) ?? false;
      return make(declared, createRandom(hash(seed)), seed, isKey);
    },
  };
}

/** Different for everything, so that nothing is taken for something else. */
function scalar(type: string, random: Random, seed: string): unknown {
  if (type === 'Int') return random.between(-9, 999);
  if (type === 'Float') return random.between(0, 999) / 8;
  return type === 'Boolean' ? random.chance(0.5) : `${seed.slice(0, 24)}#${hash(seed).toString(36)}`;
}

/** JSON with its keys in order: two schemas may name arguments in different orders. */
const stable = (args: Args): string =>
  JSON.stringify(args, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
