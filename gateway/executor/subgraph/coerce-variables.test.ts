import { buildSchema, getVariableValues, parse, type OperationDefinitionNode } from 'graphql';
import { expect, test } from 'vitest';
import { compileVariables } from './coerce-variables.ts';

const schema = buildSchema('scalar Anything type Query { of(them: [Anything!]!, count: Int, words: [String!]): Int }');
const { variableDefinitions = [] } = parse(
  'query Of($them: [Anything!]!, $count: Int = 3, $words: [String!]) { of(them: $them, count: $count, words: $words) }',
).definitions[0] as OperationDefinitionNode;
const coerce = compileVariables(schema, variableDefinitions);

test.each([
  [{ them: [] }],
  [{ them: [{ id: '1' }, 'text', 7], count: 4, words: ['one'] }],
  [{ them: [{ id: '1' }], words: 'one' }],
  [{ them: { id: 'one alone' } }],
  [{ them: [{ id: '1' }, null] }],
  [{ them: [undefined] }],
  [{ them: null }],
  [{}],
  [{ them: [1], count: 'many' }],
  [{ them: [1, null], words: [7] }],
])('%j is coerced as by graphql-js', (inputs) => {
  const right = getVariableValues(schema, variableDefinitions, inputs);
  const ours = coerce(inputs);
  expect(ours.coerced).toEqual(right.coerced);
  expect(ours.errors?.map(({ message }) => message)).toEqual(right.errors?.map(({ message }) => message));
});
