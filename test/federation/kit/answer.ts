/** Answers, and what is compared of their errors. */
import type { GraphQLFormattedError } from 'graphql';

export interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

/** `path: message`, in order of the text: errors of one answer come in no order. */
export const errorsOf = ({ errors = [] }: Answer): readonly string[] =>
  errors.map(({ path = [], message }) => `${path.join('.')}: ${message}`).sort();

export const errorPaths = ({ errors = [] }: Answer): readonly string[] =>
  errors.map(({ path = [] }) => path.join('.')).sort();

/**
 * Where errors show: the nulls that they have become. Of several errors that make one null the specification lets an executor tell
 * any, so which one it tells is not compared. Nor are errors of fields that the client did not ask for: a gateway asks some for itself.
 */
export function shownErrors({ data, errors = [] }: Answer): ReadonlySet<string> {
  const shown = new Set<string>();
  for (const { path = [] } of errors) {
    let value: unknown = data;
    const place: (string | number)[] = [];
    for (const step of path) {
      if (value === null || typeof value !== 'object') break;
      value = (value as Record<string | number, unknown>)[step];
      place.push(step);
    }
    if (value !== undefined) shown.add(`${place.join('.')} ${value === null ? 'null' : 'not null'}`);
  }
  return shown;
}
