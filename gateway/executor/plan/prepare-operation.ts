/** A client's operation for given values of its conditions, ready to be run again and again: its plan, and how its answer is made. */
import { GraphQLError, Kind, visit } from 'graphql';
import type { DocumentNode, OperationDefinitionNode, SelectionSetNode } from 'graphql';
import { compileAnswer, type CompleteAnswer } from '../answer/complete-answer.ts';
import type { ServedSupergraph } from '../supergraph/supergraph.ts';
import { renameAliases } from './client-alias.ts';
import { compilePlan, type CompiledPlan } from './compile-plan.ts';
import { fragmentsOf, type Fragments } from './document.ts';
import { withConditions, type Conditions } from './fixed-conditions.ts';
import { planWhole } from './plan-whole.ts';
import type { Types } from './types.ts';

export interface PreparedOperation {
  /** As it was planned. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly plan: CompiledPlan;
  readonly complete: CompleteAnswer;
  /** About how much memory it takes, in bytes, where a service keeps so much for each character of what it is sent. */
  sizeWith(bytesPerCharacter: (service: string) => number): number;
}

/** Names that have a meaning of their own in what is sent to subgraphs, or in JavaScript. */
const RESERVED_VARIABLE = 'representations';
const RESERVED_NAME = '__proto__';

/** Throws a GraphQLError for an operation that no plan can answer. */
export function prepareOperation(
  supergraph: ServedSupergraph,
  types: Types,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  conditions: Conditions,
): PreparedOperation {
  refuseReserved(document, operation);
  const { document: asked, clientNames } = renameAliases(document, supergraph.namesRead);
  const planned = withConditions(asked, conditions);
  const index = document.definitions.indexOf(operation);
  const plan = compilePlan(planWhole(supergraph, types, planned, index), supergraph, { types, clientNames });
  // The planner gives an empty plan when it finds no way for some part of the operation.
  if (plan.fetches.length === 0 && asksForData(operationAt(planned, index).selectionSet, fragmentsOf(planned))) {
    throw new GraphQLError('No subgraph can be reached that would answer a part of this operation.', {
      extensions: { code: 'QUERY_PLAN_EMPTY' },
    });
  }
  return {
    ...{ document, operation, plan },
    sizeWith: (bytesPerCharacter) => sizeOf(plan, bytesPerCharacter),
    complete: compileAnswer(operationAt(asked, index), {
      ...{ schema: supergraph.apiSchema, fragments: fragmentsOf(asked), variables: conditions, clientNames },
    }),
  };
}

const operationAt = (document: DocumentNode, index: number): OperationDefinitionNode =>
  document.definitions[index] as OperationDefinitionNode;

function refuseReserved(document: DocumentNode, operation: OperationDefinitionNode): void {
  const refuse = (message: string): never => {
    throw new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
  };
  for (const name of [RESERVED_VARIABLE, RESERVED_NAME])
    if (operation.variableDefinitions?.some(({ variable }) => variable.name.value === name))
      refuse(`A variable cannot be called ${name} here; give it another name.`);
  visit(document, {
    Field({ alias }) {
      if (alias?.value === RESERVED_NAME) refuse(`A field cannot be called ${RESERVED_NAME}; give it another alias.`);
    },
  });
}

/** More than what the gateway knows by itself. */
const asksForData = ({ selections }: SelectionSetNode, fragments: Fragments): boolean =>
  selections.some((node) => {
    if (node.kind === Kind.FIELD) return !node.name.value.startsWith('__');
    const set = node.kind === Kind.INLINE_FRAGMENT ? node.selectionSet : fragments.get(node.name.value)?.selectionSet;
    return set !== undefined && asksForData(set, fragments);
  });

/** Syntax trees, closures and texts together took 76 to 128 for each character of what is sent, the more the shorter it is. */
const BYTES_PER_CHARACTER = 80;
const BYTES_AT_LEAST = 16_384;

const sizeOf = ({ fetches, join }: CompiledPlan, bytesPerCharacter: (service: string) => number): number =>
  fetches.reduce(
    (sum, fetch) =>
      sum + (BYTES_PER_CHARACTER + bytesPerCharacter(fetch.service)) * join([fetch]).operation.query.length,
    BYTES_AT_LEAST,
  );
