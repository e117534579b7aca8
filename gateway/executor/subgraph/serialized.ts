/** Values of resolvers that are already what the answer says. */
import { isEnumType, isSpecifiedScalarType, type GraphQLLeafType } from 'graphql';
import { FITS, type Fits } from '../answer/complete-leaf.ts';

/** What a resolver gives may be a number that JSON has no word for. */
const SERIALIZED: Readonly<Record<string, Fits>> = { ...FITS, Float: Number.isFinite };

/** Null for scalars of the schema's own: each says for itself what it makes of a value. */
export function compileSerialized(type: GraphQLLeafType): Fits | null {
  if (!isEnumType(type)) return isSpecifiedScalarType(type) ? (SERIALIZED[type.name] ?? null) : null;
  // A value of an enumeration may stand for another within.
  const same = new Set<unknown>(type.getValues().flatMap(({ name, value }) => (name === value ? [name] : [])));
  return (value) => same.has(value);
}
