/** A supergraph as it is served: what clients see, what the planner sees, and where the subgraphs are. */
import { operationFromDocument, Supergraph, type Operation } from '@apollo/federation-internals';
import { QueryPlanner, type QueryPlan } from '@apollo/query-planner';
import { GraphQLError, parse, visit } from 'graphql';
import type { ConstDirectiveNode, DocumentNode, GraphQLSchema } from 'graphql';
import { AppError } from '../../../core/platform/errors.ts';
import { flattenPlan } from '../plan/flatten-plan.ts';
import { correctSupergraph, graphNames } from './correct-supergraph.ts';
import { createDirectiveDefaults, withExecutableDirectives } from './executable-directives.ts';
import { textOf } from './join-directive.ts';
import { readKeys, type HasKey } from './keys.ts';
import { patiently } from './patient-planner.ts';
import type { SyntheticFields } from './synthetic-fields.ts';

export interface ServedSupergraph {
  /** Without what is `@inaccessible`. */
  readonly apiSchema: GraphQLSchema;
  /** With everything, synthetic fields too: what representations are made by. */
  readonly schema: GraphQLSchema;
  readonly subgraphs: readonly { readonly name: string; readonly url: string | undefined }[];
  readonly synthetic: SyntheticFields;
  /** Names of fields by which plans find things and make what is required: those of keys and requirements. */
  readonly namesRead: ReadonlySet<string>;
  readonly hasKeyFor: (service: string) => HasKey;
  /** Does some subgraph know as an object what is an interface? Then what a `__typename` is may change while a plan runs. */
  readonly hasInterfaceObjects: boolean;
  /**
   * The operation must be valid for `apiSchema`. Takes milliseconds, sometimes many: keep it. Throws a GraphQLError with the code
   * QUERY_TOO_COMPLEX where there are too many ways to what it asks for.
   */
  plan(document: DocumentNode, operationName: string | undefined): QueryPlan;
  /** The same, looking further for members of unions (patient-planner.ts); null when that leads nowhere. */
  planPatiently(document: DocumentNode, operationName: string | undefined): QueryPlan | null;
}

/**
 * A plan that tells members of interfaces apart has a fetch for each of them, at every step of the way: beyond so many it is made
 * without, and some are asked about who need not be.
 */
const MOST_FETCHES = 50;

/**
 * To one field the planner may find more ways than anybody has time to compare: each with each, while nobody else is answered. Here it
 * gives up in a fraction of a second; by itself it would go on for as long as there is memory.
 */
const MOST_WAYS = 10_000;
const PLANNING = { debug: { pathsLimit: MOST_WAYS } };
const gaveUp = (error: unknown): boolean => error instanceof Error && /^Too many options generated/.test(error.message);

/** Null where there are too many ways. */
function planWith(planner: QueryPlanner, operation: Operation): QueryPlan | null {
  try {
    return planner.buildQueryPlan(operation);
  } catch (error) {
    if (gaveUp(error)) return null;
    throw error;
  }
}

const countFetches = ({ node }: QueryPlan): number =>
  node && node.kind !== 'Subscription' ? flattenPlan(node).length : 0;

/** Throws BAD_USER_INPUT when it is no supergraph that can be served. */
export function loadSupergraph(sdl: string): ServedSupergraph {
  try {
    const shown = withExecutableDirectives(parse(sdl, { noLocation: true }));
    const original = Supergraph.build(shown);
    const corrected = correctSupergraph(shown);
    const planned = Supergraph.build(corrected.document);
    const planner = new QueryPlanner(planned, { ...PLANNING, typeConditionedFetching: true });
    // Made when it is wanted, which is seldom.
    let coarse: QueryPlanner | null = null;
    const api = planned.apiSchema();
    const apiSchema = original.apiSchema().toGraphQLJSSchema();
    const withDefaults = createDirectiveDefaults(apiSchema);
    const plan: ServedSupergraph['plan'] = (document, operationName) => {
      const name = operationName === undefined ? {} : { operationName };
      const operation = operationFromDocument(api, withDefaults(document), name);
      const exact = planWith(planner, operation);
      if (exact && countFetches(exact) <= MOST_FETCHES) return exact;
      coarse ??= new QueryPlanner(planned, PLANNING);
      const found = planWith(coarse, operation) ?? exact;
      if (found) return found;
      throw new GraphQLError('There are too many ways to what this operation asks for; ask for less at once.', {
        extensions: { code: 'QUERY_TOO_COMPLEX' },
      });
    };
    return {
      apiSchema,
      schema: planned.schema.toGraphQLJSSchema(),
      subgraphs: original.subgraphsMetadata().map(({ name, url }) => ({ name, url: url.length > 0 ? url : undefined })),
      synthetic: corrected.synthetic,
      namesRead: namesRead(corrected.document),
      hasKeyFor: readKeys(corrected.document, graphNames(corrected.document)),
      hasInterfaceObjects: /isInterfaceObject: *true/.test(sdl),
      plan,
      planPatiently(document, operationName) {
        try {
          return patiently(() => plan(document, operationName));
        } catch {
          // Without patience it was planned, so that plan stands.
          return null;
        }
      },
    };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : 'it is not readable';
    throw new AppError('BAD_USER_INPUT', `The supergraph cannot be served: ${why}`, { cause });
  }
}

function namesRead(supergraph: DocumentNode): ReadonlySet<string> {
  const names = new Set(['__typename']);
  visit(supergraph, {
    Directive(node) {
      if (node.name.value !== 'join__type' && node.name.value !== 'join__field') return;
      const directive = node as ConstDirectiveNode;
      for (const set of [textOf(directive, 'key'), textOf(directive, 'requires')])
        for (const name of set?.match(/\w+/g) ?? []) names.add(name);
    },
  });
  return names;
}
