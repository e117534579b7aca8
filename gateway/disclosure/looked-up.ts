/** Citizen IDs that were asked for and found nobody: somebody was looked for all the same. */
import { getArgumentValues, getVariableValues } from 'graphql';
import type { GraphQLObjectType, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { fieldsOf, responseName, type Answer, type Fragments } from './answer-fields.ts';

/** A field that is null although a citizen ID was asked for. */
export interface LookUp {
  readonly number: string;
  /** Its name in the answer: an error there means that nobody was looked for. */
  readonly field: string;
}

interface Asked {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly root: GraphQLObjectType;
  readonly fragments: Fragments;
}

export function lookedUpIn({ schema, operation, root, fragments }: Asked, variables: Answer, data: Answer): LookUp[] {
  const lookUps: LookUp[] = [];
  for (const node of fieldsOf(operation.selectionSet, root.name, fragments)) {
    const definition = root.getFields()[node.name.value];
    if (node.name.value !== 'personByCitizenId' || data[responseName(node)] !== null || !definition) continue;
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
    const { number } = getArgumentValues(definition, node, coerced);
    if (typeof number === 'string') lookUps.push({ number, field: responseName(node) });
  }
  return lookUps;
}
