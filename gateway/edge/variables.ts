/** Variables checked before execution, so that a wrong one is named by where it is, never by what it holds. */
import { coerceInputValue, isInputType, isNonNullType, typeFromAST } from 'graphql';
import type { GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { AppError, badInput } from '../../core/platform/errors.ts';
import { appErrorIn } from './contract.ts';

/** Throws BAD_USER_INPUT for the first variable that is missing or of the wrong type. */
export function assertVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): void {
  for (const definition of operation.variableDefinitions ?? []) {
    const name = definition.variable.name.value;
    const type = typeFromAST(schema, definition.type);
    if (!type || !isInputType(type)) continue;
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value === undefined || value === null) {
      const missing = isNonNullType(type) && (value === null || !definition.defaultValue);
      if (missing) throw badInput(safeName(name), `A value of type ${String(type)} is needed here.`);
      continue;
    }
    coerceInputValue(value, type, (path, _value, error) => {
      const own = appErrorIn(error);
      // graphql-js names the missing field only in its message; the name is the schema's.
      const missing = /^Field "(\w+)" of required type/.exec(error.message)?.[1];
      const field = safeField([name, ...path, ...(missing ? [missing] : [])]);
      throw own instanceof AppError
        ? badInput(field, own.message)
        : badInput(field, problemOf(error.message, String(type)));
    });
  }
}

function problemOf(message: string, type: string): string {
  if (/^Field "\w+" of required type/.test(message)) return 'This field is required.';
  if (/is not defined by type/.test(message)) return 'There is a field here that the input type does not have.';
  return `The value is not what ${type} wants here.`;
}

export const safeField = (path: readonly (string | number)[]): string =>
  path.map((part) => (typeof part === 'number' ? String(part) : safeName(part))).join('.');

// Names of variables are the caller's own words: one that could hold a number of a person's is not repeated.
const safeName = (name: string): string => (/\d{4}/.test(name) ? 'variables' : name);
