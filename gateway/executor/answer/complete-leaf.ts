/** Leaves of an answer, as the specification has results coerced. Scalars of the schema's own are whatever JSON the subgraph says. */
import { GraphQLError, isEnumType, isSpecifiedScalarType, type GraphQLLeafType } from 'graphql';
import type { Fetched } from '../run/fetched.ts';

/** Never called with null. Throws a GraphQLError for a value that is none of the type's. */
export type CompleteLeaf = (value: Fetched) => unknown;

const isInt32 = (value: Fetched): boolean => typeof value === 'number' && (value | 0) === value;

/** What needs no coercion: nearly all. */
const fits: Readonly<Record<string, (value: Fetched) => boolean>> = {
  String: (value) => typeof value === 'string',
  ID: (value) => typeof value === 'string',
  Int: isInt32,
  Float: (value) => typeof value === 'number',
  Boolean: (value) => typeof value === 'boolean',
};

export function compileLeaf(type: GraphQLLeafType): CompleteLeaf {
  if (isEnumType(type)) {
    const names = new Set(type.getValues().map(({ name }) => name));
    return (value) => {
      if (typeof value === 'string' && names.has(value)) return value;
      // Not which: it may be one that is not for clients.
      throw new GraphQLError(`Enum "${type.name}" cannot represent this value.`);
    };
  }
  if (!isSpecifiedScalarType(type)) return (value) => value;
  const isFit = fits[type.name] ?? (() => false);
  return (value) => (isFit(value) ? value : type.serialize(value));
}
