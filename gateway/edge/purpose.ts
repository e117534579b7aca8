import { getNamedType, isCompositeType, Kind, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode, SelectionSetNode } from 'graphql';
import type { Caller } from '../../core/access/caller.ts';
import { purposesOf, requirePurpose } from '../../core/access/purpose.ts';

/** Types that hold a person's data; their connections and edges with them. */
export const PERSONAL_TYPES: ReadonlySet<string> = new Set([
  'Person',
  'CourtCase',
  'PoliceIncident',
  'Petition',
  'CivilAffairsProfile',
  'CivilRecord',
  'CaseParty',
  'Party',
  'InformedParty',
  'SourceRecord',
  'Timeline',
  'TimelineEntry',
  'IdentityReview',
  'RecordSummary',
  'Disclosure',
]);

/** Whether the selection reaches a person's data; `@skip` and `@include` are not believed. */
export function reachesPerson(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): boolean {
  const fragments = new Map(
    document.definitions.flatMap((d) => (d.kind === Kind.FRAGMENT_DEFINITION ? [[d.name.value, d] as const] : [])),
  );
  const seen = new Set<string>();
  const waiting: { selectionSet: SelectionSetNode }[] = [operation];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    let reached = false;
    const types = new TypeInfo(schema);
    visit(
      node as OperationDefinitionNode,
      visitWithTypeInfo(types, {
        Field() {
          const type = types.getType();
          if (type && isCompositeType(getNamedType(type)) && isPersonal(getNamedType(type).name)) reached = true;
          return undefined;
        },
        FragmentSpread({ name }) {
          const fragment = fragments.get(name.value);
          if (fragment && !seen.has(name.value)) {
            seen.add(name.value);
            waiting.push(fragment);
          }
        },
      }),
    );
    if (reached) return true;
  }
  return false;
}

const isPersonal = (type: string): boolean => PERSONAL_TYPES.has(type.replace(/(Connection|Edge)$/, ''));

/** 个人信息保护法 6: who reads a person's data says what for, and it must be theirs to say. */
export function assertPurpose(caller: Caller, ...query: Parameters<typeof reachesPerson>): void {
  const isFit = caller.purpose !== null && purposesOf(caller).includes(caller.purpose);
  if (!isFit && reachesPerson(...query)) requirePurpose(caller);
}
