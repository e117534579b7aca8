/** A client's operation, ready to be run again and again: its plan, and how its answer is made. */
import { GraphQLError, Kind, visit } from 'graphql';
import type {
  DocumentNode,
  FragmentDefinitionNode,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import { compileAnswer, type CompleteAnswer } from '../answer/complete-answer.ts';
import type { ServedSupergraph } from '../supergraph/supergraph.ts';
import { renameAliases } from './client-alias.ts';
import { compilePlan, type CompiledPlan } from './compile-plan.ts';
import type { Types } from './types.ts';

export interface PreparedOperation {
  /** As it was planned. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly plan: CompiledPlan;
  /** Of these values of its variables. */
  completer(variables: Readonly<Record<string, unknown>>): CompleteAnswer;
  /** About how much memory it takes, in bytes. */
  readonly size: number;
}

/** Of one operation for so many combinations of `@skip` and `@include`; others are compiled every time. */
const MAX_COMPLETERS = 16;
/** Names that have a meaning of their own in what is sent to subgraphs, or in JavaScript. */
const RESERVED_VARIABLE = 'representations';
const RESERVED_NAME = '__proto__';

/** Throws a GraphQLError for an operation that no plan can answer. */
export function prepareOperation(
  supergraph: ServedSupergraph,
  types: Types,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): PreparedOperation {
  refuseReserved(document, operation);
  const { document: planned, clientNames } = renameAliases(document, supergraph.namesRead);
  const asked = planned.definitions[document.definitions.indexOf(operation)] as OperationDefinitionNode;
  const fragments = new Map(
    planned.definitions
      .filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const plan = compilePlan(supergraph.plan(planned, operation.name?.value), supergraph, { types, clientNames });
  // The planner gives an empty plan when it finds no way for some part of the operation.
  if (plan.fetches.length === 0 && asksForData(operation.selectionSet, fragments)) {
    throw new GraphQLError('No subgraph can be reached that would answer a part of this operation.', {
      extensions: { code: 'QUERY_PLAN_EMPTY' },
    });
  }
  const conditions = conditionVariables(document);
  const completers = new Map<string, CompleteAnswer>();
  return {
    ...{ document, operation, plan },
    size: sizeOf(plan),
    completer(variables) {
      const key = conditions.map((name) => (variables[name] === true ? '1' : '0')).join('');
      let complete = completers.get(key);
      if (!complete) {
        complete = compileAnswer(asked, { schema: supergraph.apiSchema, fragments, variables, clientNames });
        if (completers.size < MAX_COMPLETERS) completers.set(key, complete);
      }
      return complete;
    },
  };
}

function refuseReserved(document: DocumentNode, operation: OperationDefinitionNode): void {
  const refuse = (message: string): never => {
    throw new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
  };
  if (operation.variableDefinitions?.some(({ variable }) => variable.name.value === RESERVED_VARIABLE))
    refuse(`A variable cannot be called ${RESERVED_VARIABLE} here; give it another name.`);
  visit(document, {
    Field({ alias }) {
      if (alias?.value === RESERVED_NAME) refuse(`A field cannot be called ${RESERVED_NAME}; give it another alias.`);
    },
  });
}

function conditionVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive({ name, arguments: given = [] }) {
      if (name.value !== 'skip' && name.value !== 'include') return;
      for (const { value } of given) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names].sort();
}

/** More than what the gateway knows by itself, and not left out by a literal. */
function asksForData(
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): boolean {
  const isLeftOut = ({ directives = [] }: SelectionNode): boolean =>
    directives.some(({ name, arguments: given = [] }) =>
      given.some(({ value }) => value.kind === Kind.BOOLEAN && value.value === (name.value === 'skip')),
    );
  return selections.some((node) => {
    if (isLeftOut(node)) return false;
    if (node.kind === Kind.FIELD) return !node.name.value.startsWith('__');
    const set = node.kind === Kind.INLINE_FRAGMENT ? node.selectionSet : fragments.get(node.name.value)?.selectionSet;
    return set !== undefined && asksForData(set, fragments);
  });
}

/** A syntax tree, closures and texts together take some forty bytes for each character of what is sent. Measured. */
const BYTES_PER_CHARACTER = 40;
const BYTES_AT_LEAST = 8_192;

const sizeOf = ({ fetches, join }: CompiledPlan): number =>
  fetches.reduce((sum, fetch) => sum + BYTES_PER_CHARACTER * join([fetch]).operation.query.length, BYTES_AT_LEAST);
