/** What the caller sent must not come back in an error. */
import { visit } from 'graphql';
import type { DocumentNode, GraphQLFormattedError, OperationDefinitionNode } from 'graphql';
import { askedPath } from './asked-path.ts';
import { GENERIC_MESSAGE, isErrorCode } from './contract.ts';

/** What of the request could be a person's: strings and numbers of its literals and variables (enum values are names), long enough to mean something. */
export function submittedValues(document: DocumentNode | undefined, variables: unknown): ReadonlySet<string> {
  const values = new Set<string>();
  const add = (text: string) => {
    if (text.length >= 4 || /\p{Script=Han}{2}/u.test(text)) values.add(text);
  };
  const walk = (value: unknown): void => {
    if (typeof value === 'string' || typeof value === 'number') add(String(value));
    else if (Array.isArray(value)) value.forEach(walk);
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) {
        add(key);
        walk(inner);
      }
  };
  for (const inner of Object.values(variables ?? {})) walk(inner);
  if (document) {
    const literal = ({ value }: { readonly value: string }) => add(value);
    visit(document, { StringValue: literal, IntValue: literal, FloatValue: literal });
  }
  return values;
}

export interface AskedFor {
  readonly document: DocumentNode | undefined;
  readonly operation: OperationDefinitionNode | undefined;
  readonly variables: unknown;
}

/**
 * The last line of defence, with the request in hand: a message that contains a submitted value is replaced, a path
 * leads no further than what was asked for (grants are fetched behind the caller's back), and repeats are dropped.
 */
export function withoutSubmitted(errors: readonly GraphQLFormattedError[], asked: AskedFor): GraphQLFormattedError[] {
  const values = [...submittedValues(asked.document, asked.variables)];
  const seen = new Set<string>();
  return errors.flatMap((error) => {
    const code = isErrorCode(error.extensions?.['code']) ? error.extensions['code'] : 'INTERNAL';
    const path =
      error.path && asked.document && asked.operation
        ? askedPath(error.path, asked.document, asked.operation)
        : error.path;
    const clean = {
      ...error,
      message: values.some((value) => error.message.includes(value)) ? GENERIC_MESSAGE[code] : error.message,
      ...(path && { path }),
    };
    const same = JSON.stringify([clean.message, clean.path, clean.extensions]);
    if (error.path && seen.has(same)) return [];
    seen.add(same);
    return [clean];
  });
}
