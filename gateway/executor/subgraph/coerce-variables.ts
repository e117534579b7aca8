/** A query's variables, as graphql-js coerces them. */
import {
  getVariableValues,
  GraphQLScalarType,
  isListType,
  isNonNullType,
  isScalarType,
  typeFromAST,
  type GraphQLSchema,
  type VariableDefinitionNode,
} from 'graphql';

type Coerced = ReturnType<typeof getVariableValues>;

export type CoerceVariables = (inputs: Readonly<Record<string, unknown>>) => Coerced;

const MAX_ERRORS = { maxErrors: 50 };

/** Representations are lists of a scalar that takes whatever comes: of hundreds of them there is nothing to coerce. */
export function compileVariables(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
): CoerceVariables {
  const ofAnything = definitions.filter((definition) => isListOfAnything(schema, definition));
  if (ofAnything.length === 0) return (inputs) => getVariableValues(schema, definitions, inputs, MAX_ERRORS);
  const others = definitions.filter((definition) => !ofAnything.includes(definition));
  const names = ofAnything.map(({ variable }) => variable.name.value);
  return (inputs) => {
    if (!names.every((name) => isWhole(inputs[name])))
      return getVariableValues(schema, definitions, inputs, MAX_ERRORS);
    const { coerced, errors } = getVariableValues(schema, others, inputs, MAX_ERRORS);
    if (errors) return { errors };
    for (const name of names) coerced[name] = inputs[name];
    return { coerced };
  };
}

const isWhole = (value: unknown): boolean =>
  Array.isArray(value) && value.every((element) => element !== null && element !== undefined);

/** What a scalar without a word on it makes of a value: nothing. */
const { parseValue: same } = new GraphQLScalarType({ name: 'Anything' });

function isListOfAnything(schema: GraphQLSchema, { type: node }: VariableDefinitionNode): boolean {
  const type = typeFromAST(schema, node);
  const list = isNonNullType(type) ? type.ofType : type;
  if (!isListType(list)) return false;
  const element: unknown = isNonNullType(list.ofType) ? list.ofType.ofType : list.ofType;
  return isScalarType(element) && element.parseValue === same;
}
