/** Citizen IDs that were asked for and found nobody: somebody was looked for all the same. */
import {
  getArgumentValues,
  getDirectiveValues,
  getVariableValues,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
} from 'graphql';
import type { FieldNode, GraphQLObjectType, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { fieldsOf, responseName, valueOf, type Answer, type Fragments } from './answer-fields.ts';

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

const isIncluded = (node: FieldNode, variables: Answer): boolean =>
  getDirectiveValues(GraphQLSkipDirective, node, variables)?.['if'] !== true &&
  getDirectiveValues(GraphQLIncludeDirective, node, variables)?.['if'] !== false;

/** `data` is null where something that must not be null took the whole answer with it: whoever was looked for was looked for all the same. */
export function lookedUpIn(
  { schema, operation, root, fragments }: Asked,
  variables: Answer,
  data: Answer | null,
): LookUp[] {
  const lookUps: LookUp[] = [];
  for (const node of fieldsOf(operation.selectionSet, root.name, fragments)) {
    const definition = root.getFields()[node.name.value];
    if (node.name.value !== 'personByCitizenId' || !definition) continue;
    if (data !== null && valueOf(data, node) !== null) continue;
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
    if (!coerced || !isIncluded(node, coerced)) continue;
    const { number } = getArgumentValues(definition, node, coerced);
    if (typeof number === 'string') lookUps.push({ number, field: responseName(node) });
  }
  return lookUps;
}
