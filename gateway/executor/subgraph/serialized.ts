/** Values of resolvers that are already what the answer says. */
import { isEnumType, isSpecifiedScalarType, type GraphQLLeafType } from 'graphql';
import type { Fits } from '../answer/complete-leaf.ts';

const isText: Fits = (value) => typeof value === 'string';
const FITS: Readonly<Record<string, Fits>> = {
  String: isText,
  ID: isText,
  Int: (value) => typeof value === 'number' && (value | 0) === value,
  Float: Number.isFinite,
  Boolean: (value) => typeof value === 'boolean',
};

/** Null for scalars of the schema's own: each says for itself what it makes of a value. */
export function compileSerialized(type: GraphQLLeafType): Fits | null {
  if (!isEnumType(type)) return isSpecifiedScalarType(type) ? (FITS[type.name] ?? null) : null;
  // A value of an enumeration may stand for another within.
  const same = new Set<unknown>(type.getValues().flatMap(({ name, value }) => (name === value ? [name] : [])));
  return (value) => same.has(value);
}
