/**
 * Where subgraphs know other members of a union, the planner gives up members that could be had (patient-planner.ts). A plan in
 * which such a member is missing is made once more, patiently.
 */
import type { QueryPlan } from '@apollo/query-planner';
import { getNamedType, isAbstractType, isCompositeType, isObjectType, Kind, parse } from 'graphql';
import type { DocumentNode, GraphQLNamedType, GraphQLSchema, OperationDefinitionNode, SelectionSetNode } from 'graphql';
import type { ServedSupergraph } from '../supergraph/supergraph.ts';
import { fragmentsOf, responseName } from './document.ts';
import { below, fieldsWritten, type Place } from './fields-written.ts';
import { flattenPlan } from './flatten-plan.ts';
import { renamedNames } from './rewrite.ts';
import type { Types } from './types.ts';

/** What is asked of the objects of one type where others may stand. */
interface Member {
  readonly place: Place;
  readonly type: string;
  readonly names: ReadonlySet<string>;
}

/** `index`: of the operation among the document's definitions. */
export function planWhole(
  { plan, planPatiently, schema }: Pick<ServedSupergraph, 'plan' | 'planPatiently' | 'schema'>,
  types: Types,
  document: DocumentNode,
  index: number,
): QueryPlan {
  const operation = document.definitions[index] as OperationDefinitionNode;
  const name = operation.name?.value;
  const first = plan(document, name);
  const members = membersAsked(document, operation, schema);
  const missing = missingFrom(first, members, types);
  if (missing.length === 0) return first;
  const second = planPatiently(document, name);
  const stillMissing = second && missingFrom(second, members, types);
  const isMore = stillMissing && stillMissing.length < missing.length;
  return isMore && stillMissing.every((one) => missing.includes(one)) ? second : first;
}

const keyOf = ({ place, type }: Pick<Member, 'place' | 'type'>): string => `${place} ${type}`;

function membersAsked(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  schema: GraphQLSchema,
): readonly Member[] {
  const members = new Map<string, { place: Place; type: string; names: Set<string> }>();
  const fragments = fragmentsOf(document);

  /** `around`: what may stand here; `type`: what is looked at. */
  function walk(set: SelectionSetNode, place: Place, around: GraphQLNamedType, type: GraphQLNamedType): void {
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) {
        if (node.name.value.startsWith('__')) continue;
        const name = responseName(node);
        if (isAbstractType(around) && isObjectType(type)) {
          const key = keyOf({ place, type: type.name });
          const member = members.get(key) ?? { place, type: type.name, names: new Set<string>() };
          members.set(key, member);
          member.names.add(name);
        }
        const field = 'getFields' in type ? type.getFields()[node.name.value] : undefined;
        const fieldType = field && getNamedType(field.type);
        if (node.selectionSet && fieldType) walk(node.selectionSet, below(place, name), fieldType, fieldType);
      } else {
        const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value);
        const condition = fragment?.typeCondition && schema.getType(fragment.typeCondition.name.value);
        if (fragment) walk(fragment.selectionSet, place, around, isCompositeType(condition) ? condition : type);
      }
    }
  }
  const root = schema.getRootType(operation.operation);
  if (root) walk(operation.selectionSet, '', root, root);
  return [...members.values()];
}

function missingFrom(plan: QueryPlan, members: readonly Member[], types: Types): readonly Member[] {
  if (members.length === 0 || plan.node?.kind === 'Subscription') return [];
  const conditions = new Map<Place, Set<string | null>>();
  for (const { node, path } of plan.node ? flattenPlan(plan.node) : []) {
    const written = fieldsWritten({
      ...{ document: parse(node.operation, { noLocation: true }), path },
      requires: node.requires ?? null,
      renamed: renamedNames(node.outputRewrites ?? []),
    });
    for (const { place, condition } of written) {
      const known = conditions.get(place);
      if (known) known.add(condition);
      else conditions.set(place, new Set([condition]));
    }
  }
  const includes = (condition: string | null, type: string): boolean =>
    condition === null || types.isA({ __typename: type }, condition, false);
  return members.filter(({ place, type, names }) =>
    [...names].some((name) => ![...(conditions.get(below(place, name)) ?? [])].some((one) => includes(one, type))),
  );
}
