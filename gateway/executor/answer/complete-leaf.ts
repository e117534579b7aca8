/** Leaves of an answer, as the specification has results coerced. Scalars of the schema's own are whatever JSON the subgraph says. */
import { GraphQLError, isEnumType, isSpecifiedScalarType, type GraphQLLeafType } from 'graphql';
import type { Fetched } from '../run/fetched.ts';

/** What needs no coercion: nearly all. */
export type Fits = (value: unknown) => boolean;

const isText: Fits = (value) => typeof value === 'string';
/** Of the specification's own scalars, as JSON says them. */
export const FITS: Readonly<Record<string, Fits>> = {
  String: isText,
  ID: isText,
  Int: (value) => typeof value === 'number' && (value | 0) === value,
  Float: (value) => typeof value === 'number',
  Boolean: (value) => typeof value === 'boolean',
};

export function compileFits(type: GraphQLLeafType): Fits {
  if (isEnumType(type)) {
    const names = new Set<unknown>(type.getValues().map(({ name }) => name));
    return (value) => names.has(value);
  }
  // Scalars of the schema's own are whatever the subgraph says.
  return isSpecifiedScalarType(type)
    ? (FITS[type.name] ?? (() => false))
    : (value) => value !== undefined && value !== null;
}

/** What does not fit as it is. */
export function coerceLeaf(type: GraphQLLeafType, value: Fetched): unknown {
  // Not which: it may be one that is not for clients.
  if (isEnumType(type)) throw new GraphQLError(`Enum "${type.name}" cannot represent this value.`);
  return type.serialize(value);
}
