/** From the planner's tree to what can be run again and again: documents, closures, and who waits for whom. */
import type { QueryPlan, QueryPlanSelectionNode } from '@apollo/query-planner';
import { Kind, OperationTypeNode, parse, visit } from 'graphql';
import type { DocumentNode, FieldNode } from 'graphql';
import { AppError } from '../../../core/platform/errors.ts';
import type { ServedSupergraph } from '../supergraph/supergraph.ts';
import type { SyntheticFields } from '../supergraph/synthetic-fields.ts';
import type { ClientNames } from './client-alias.ts';
import { createJoin, type Join } from './join-fetches.ts';
import { needsOf } from './data-needs.ts';
import { entitiesField, operationOf, namesFor, textOfAll } from './document.ts';
import { flattenPlan, type FlatFetch, type OnlyOf } from './flatten-plan.ts';
import type { PlannedFetch } from './planned-fetch.ts';
import { compileRepresentation } from './representation.ts';
import { compileRewrites, renamedNames } from './rewrite.ts';
import { compileMerge, merge } from '../run/merge.ts';
import { compilePath } from '../run/place.ts';
import { splitConflicts } from './split-conflicts.ts';
import type { Types } from './types.ts';

export interface CompiledPlan {
  readonly fetches: readonly PlannedFetch[];
  /** Fetches of one service that go out in one request. */
  readonly join: Join;
  readonly clientNames: ClientNames;
  readonly types: Types;
}

export interface PlanNames {
  readonly types: Types;
  readonly clientNames: ClientNames;
}

interface Draft {
  readonly flat: FlatFetch;
  readonly document: DocumentNode;
  readonly requires: readonly QueryPlanSelectionNode[] | null;
  readonly renamed: ReadonlyMap<string, string>;
}

export function compilePlan(
  plan: QueryPlan,
  { synthetic, hasInterfaceObjects, hasKeyFor }: ServedSupergraph,
  { types, clientNames }: PlanNames,
): CompiledPlan {
  if (plan.node?.kind === 'Subscription') throw new AppError('BAD_USER_INPUT', 'Subscriptions are not served here.');
  const drafts = plan.node ? flattenPlan(plan.node).flatMap((flat) => draftsOf(flat, synthetic)) : [];
  const isActing = drafts.some(({ flat }) => flat.node.operationKind === OperationTypeNode.MUTATION);
  const earlier = (index: number): number[] =>
    [...drafts.keys()].filter((other) => drafts[index]?.flat.before.has((drafts[other] as Draft).flat));
  const needs = isActing
    ? // What is done is done in the order that was asked for, with all that belongs to it.
      drafts.map((_, index) => earlier(index))
    : needsOf(
        drafts.map((draft) => ({ ...draft, path: draft.flat.path })),
        earlier,
        { hasInterfaceObjects },
      );
  const fetches = drafts.map((draft, index) =>
    compileFetch(draft, {
      ...{ index, types, synthetic, hasKeyFor },
      waitsFor: needs[index]?.length ?? 0,
      heldBy: [...drafts.keys()].filter((other) => needs[other]?.includes(index)),
    }),
  );
  return { fetches, join: createJoin(fetches), clientNames, types };
}

function draftsOf(flat: FlatFetch, synthetic: SyntheticFields): readonly Draft[] {
  const { node } = flat;
  // The planner could hand on the document itself, but its text is what was tested for years.
  const document = parse(node.operation, { noLocation: true });
  const renamed = renamedNames(node.outputRewrites ?? []);
  if (!node.requires) return [{ flat, document, requires: null, renamed }];
  return splitConflicts({ service: node.serviceName, document, requires: node.requires }, synthetic).map((part) => ({
    ...{ flat, renamed },
    document: part.document,
    requires: part.requires,
  }));
}

interface Place {
  readonly index: number;
  readonly waitsFor: number;
  readonly heldBy: readonly number[];
  readonly types: Types;
  readonly synthetic: SyntheticFields;
  readonly hasKeyFor: ServedSupergraph['hasKeyFor'];
}

function compileFetch(draft: Draft, { index, waitsFor, heldBy, types, synthetic, hasKeyFor }: Place): PlannedFetch {
  const { flat, renamed } = draft;
  const { node } = flat;
  const document = withArguments(draft.document, synthetic);
  const rewrites = { input: node.inputRewrites ?? [], output: node.outputRewrites ?? [] };
  const asked = draft.requires
    ? (entitiesField(document).selectionSet?.selections ?? [])
    : operationOf(document).selectionSet.selections;
  const canBeJoined = document.definitions.length === 1;
  const path = flat.path.map((step) => (typeof step === 'string' ? step : withInterfaces(step, types)));
  return {
    ...{ index, waitsFor, heldBy, document, renamed },
    service: node.serviceName,
    kind: node.operationKind === OperationTypeNode.MUTATION ? 'mutation' : 'query',
    ...{ path, objectsIn: compilePath(path) },
    variables: node.variableUsages ?? [],
    rewriteAnswer: compileRewrites(rewrites.output, types),
    // What is renamed, or written by a fragment with a name, is not among the names.
    merge:
      canBeJoined && rewrites.output.length === 0
        ? compileMerge(new Set(['__typename', ...namesFor(asked, () => true)]))
        : merge,
    namesFor(typename) {
      const isOf = (type: string) => typename === undefined || types.isA({ __typename: typename }, type, true);
      return namesFor(asked, isOf).map((name) => renamed.get(name) ?? name);
    },
    entities: draft.requires && {
      represent: compileRepresentation({
        ...{ requires: draft.requires, rewrites: rewrites.input, types, synthetic },
        hasKey: hasKeyFor(node.serviceName),
      }),
      text: textOfAll(asked) + JSON.stringify(rewrites),
      requires: JSON.stringify(draft.requires),
      canBeJoined,
    },
  };
}

/** Of an object that is known as an interface only, it may be one of them. */
const withInterfaces = (step: OnlyOf, types: Types): OnlyOf => ({
  types: new Set([...step.types].flatMap((type) => [type, ...types.interfacesOf(type)])),
});

/** Under a synthetic field's name the subgraph is asked for the field, with the arguments. */
function withArguments(document: DocumentNode, synthetic: SyntheticFields): DocumentNode {
  if (synthetic.size === 0) return document;
  return visit(document, {
    Field(node): FieldNode | undefined {
      const one = synthetic.byName(node.name.value);
      return (
        one && {
          ...node,
          alias: node.alias ?? { kind: Kind.NAME, value: one.name },
          name: { kind: Kind.NAME, value: one.field },
          arguments: one.arguments,
        }
      );
    },
  });
}
