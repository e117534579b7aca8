/** Leaves of an answer, as the specification has results coerced. Scalars of the schema's own are whatever JSON the subgraph says. */
import { GraphQLError, isEnumType, isSpecifiedScalarType, type GraphQLLeafType } from 'graphql';
import type { Fetched } from '../run/fetched.ts';

/** What needs no coercion: nearly all. */
export interface Fits {
  (value: unknown): boolean;
  /** The same as an expression, of one that is a name: for what is written as source. */
  readonly source?: (value: string) => string;
}

const isOfType = (type: 'string' | 'number' | 'boolean'): Fits =>
  Object.assign((value: unknown) => typeof value === type, {
    source: (value: string) => `typeof ${value} === ${JSON.stringify(type)}`,
  });
const isText = isOfType('string');
const isWhole: Fits = Object.assign((value: unknown) => typeof value === 'number' && (value | 0) === value, {
  source: (value: string) => `typeof ${value} === "number" && (${value} | 0) === ${value}`,
});
/** Of the specification's own scalars, as JSON says them. */
export const FITS: Readonly<Record<string, Fits>> = {
  ...{ String: isText, ID: isText },
  ...{ Int: isWhole, Float: isOfType('number'), Boolean: isOfType('boolean') },
};
const isThere: Fits = Object.assign((value: unknown) => value !== undefined && value !== null, {
  source: (value: string) => `${value} !== undefined && ${value} !== null`,
});

export function compileFits(type: GraphQLLeafType): Fits {
  if (isEnumType(type)) {
    const names = new Set<unknown>(type.getValues().map(({ name }) => name));
    return (value) => names.has(value);
  }
  // Scalars of the schema's own are whatever the subgraph says.
  return isSpecifiedScalarType(type) ? (FITS[type.name] ?? (() => false)) : isThere;
}

/** What does not fit as it is. */
export function coerceLeaf(type: GraphQLLeafType, value: Fetched): unknown {
  // Not which: it may be one that is not for clients.
  if (isEnumType(type)) throw new GraphQLError(`Enum "${type.name}" cannot represent this value.`);
  return type.serialize(value);
}
