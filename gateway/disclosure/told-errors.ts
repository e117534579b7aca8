/**
 * Errors as far as the answer goes. One whose path leads below a null would tell of what is not in the answer, and so is in no book:
 * that somebody was found, how many there were.
 */
import { GraphQLError } from 'graphql';
import { isObject, type Answer } from './answer-fields.ts';

/** Each ends at the first null on its way; those that are then the same are one. Without data only those of the root have a path. */
export function toldOf(errors: readonly GraphQLError[], data: Answer | null | undefined): readonly GraphQLError[] {
  const told = new Map<string, GraphQLError>();
  for (const error of errors) {
    const path = error.path && placeOf(error.path, data);
    const key = JSON.stringify([error.message, error.extensions['code'], path]);
    if (!told.has(key)) told.set(key, path === error.path ? error : at(error, path));
  }
  return [...told.values()];
}

type Path = NonNullable<GraphQLError['path']>;

function placeOf(path: Path, data: Answer | null | undefined): Path | undefined {
  if (!data) return path.length === 1 ? path : undefined;
  let value: unknown = data;
  for (const [depth, step] of path.entries()) {
    const held: unknown = Array.isArray(value) ? value[Number(step)] : isObject(value) ? value[step] : undefined;
    if (held === null || held === undefined) return depth + 1 === path.length ? path : path.slice(0, depth + 1);
    value = held;
  }
  return path;
}

const at = ({ message, extensions, originalError }: GraphQLError, path: Path | undefined): GraphQLError =>
  new GraphQLError(message, { extensions, ...(path && { path }), ...(originalError && { originalError }) });
