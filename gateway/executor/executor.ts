/** Answers operations over one supergraph: prepares each once, runs its plan, completes the answer. */
import { ROOT_CONTEXT, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import { getVariableValues, GraphQLError, Kind, OperationTypeNode } from 'graphql';
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { introspect } from './answer/introspect.ts';
import type { GatewayContext, SubgraphDataSource } from './data-source.ts';
import type { PlannedFetch } from './plan/planned-fetch.ts';
import { prepareOperation, type PreparedOperation } from './plan/prepare-operation.ts';
import { createConditions, type Conditions, type ConditionsOf } from './plan/fixed-conditions.ts';
import { createTypes } from './plan/types.ts';
import type { Fault } from './run/fault.ts';
import { runPlan } from './run/run-plan.ts';
import type { ServedSupergraph } from './supergraph/supergraph.ts';

export interface ExecutorOptions {
  readonly supergraph: ServedSupergraph;
  readonly source: (service: string) => SubgraphDataSource;
  /** Changes a valid document before it is planned. */
  readonly prepareDocument?: (document: DocumentNode) => DocumentNode;
  /** For plans that are kept; those that were not asked for longest go first. */
  readonly planBytes?: number;
}

/** What a plan is made of. */
export interface Preparing {
  /** Of the query's text and the operation's name. */
  readonly key: string;
  /** As the client sent it. Valid for the supergraph's API schema. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** For `@skip` and `@include`: there is a plan for each of their values. */
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface ExecutorRequest extends Preparing {
  readonly context: GatewayContext;
  /** Aborted when the client has gone. A mutation goes on. */
  readonly signal?: AbortSignal;
}

export interface ExecutorAnswer {
  /** As it was planned. */
  readonly document: DocumentNode;
  /** Undefined when nothing was begun. */
  readonly data?: Record<string, unknown> | null;
  readonly errors: readonly GraphQLError[];
}

export interface Executor {
  execute(request: ExecutorRequest): Promise<ExecutorAnswer>;
  /** Plans it, unless that is done. Throws a GraphQLError when it cannot be planned. */
  prepare(request: Preparing): PreparedOperation;
  /** What was asked most since the plans were made, first. */
  mostUsed(count: number): readonly Preparing[];
}

interface Kept {
  readonly prepared: PreparedOperation;
  readonly request: Preparing;
  uses: number;
}

const PLAN_BYTES = 64 * 1024 * 1024;
const tracer = trace.getTracer('maplebridge.gateway');

export function createExecutor(options: ExecutorOptions): Executor {
  const { supergraph, source, prepareDocument = (document) => document, planBytes = PLAN_BYTES } = options;
  const types = createTypes(supergraph.schema);
  const plans = new LRUCache<string, Kept>({
    maxSize: planBytes,
    sizeCalculation: ({ prepared }) =>
      Math.min(
        prepared.sizeWith((service) => source(service).bytesPerCharacter ?? 0),
        planBytes,
      ),
  });

  const conditional = new WeakMap<OperationDefinitionNode, ConditionsOf | null>();

  function conditionsOf({ document, operation, variables }: Preparing): Conditions | null {
    let conditions = conditional.get(operation);
    if (conditions === undefined) conditional.set(operation, (conditions = createConditions(document, operation)));
    return conditions && conditions(variables);
  }

  function prepare(request: Preparing): PreparedOperation {
    const { document, operation } = request;
    const conditions = conditionsOf(request);
    const key = conditions ? `${request.key} ${Object.values(conditions).map(Number).join('')}` : request.key;
    let kept = plans.get(key);
    if (!kept) {
      const span = tracer.startSpan('maplebridge.plan');
      try {
        const changed = prepareDocument(document);
        const name = operation.name?.value;
        const own = changed.definitions.find(
          (definition): definition is OperationDefinitionNode =>
            definition.kind === Kind.OPERATION_DEFINITION && definition.name?.value === name,
        );
        const prepared = prepareOperation(supergraph, types, changed, own ?? operation, conditions ?? {});
        kept = { prepared, request: { ...request, variables: conditions ?? {} }, uses: 0 };
        plans.set(key, kept);
      } finally {
        span.end();
      }
    }
    kept.uses += 1;
    return kept.prepared;
  }

  return {
    prepare,
    async execute({ key, document, operation, variables, context, signal }) {
      const coercion = coerce(supergraph, operation, variables);
      if ('errors' in coercion) return { document, errors: coercion.errors };
      const prepared = prepare({ key, document, operation, variables: coercion.values });
      const span = tracer.startSpan('maplebridge.execute', {
        attributes: { 'graphql.operation.type': operation.operation },
      });
      try {
        const { data, faults } = await runPlan({
          plan: prepared.plan,
          ...{ variables, context, source },
          ...(signal && operation.operation !== OperationTypeNode.MUTATION && { signal }),
          ...(span.isRecording() && { observe: observeFetches(span) }),
        });
        const misfits: GraphQLError[] = [];
        let introspected: Readonly<Record<string, unknown>> | null = null;
        const answer = prepared.complete(data, {
          path: [],
          errors: misfits,
          explains: (object, name, path) => faults.explains(object, name, path),
          introspect(name) {
            introspected ??= introspect(supergraph.apiSchema, document, operation, variables);
            return introspected[name];
          },
        });
        const errors = [...faults.told.map(toError), ...misfits];
        if (errors.length > 0) span.setStatus({ code: SpanStatusCode.ERROR });
        return { document: prepared.document, data: answer, errors };
      } finally {
        span.end();
      }
    },
    mostUsed: (count) =>
      [...plans.values()]
        .sort((a, b) => b.uses - a.uses)
        .slice(0, count)
        .map(({ request }) => request),
  };
}

function coerce(
  { apiSchema }: ServedSupergraph,
  operation: OperationDefinitionNode,
  variables: ExecutorRequest['variables'],
) {
  const definitions = operation.variableDefinitions ?? [];
  if (definitions.length === 0) return { values: {} };
  const { coerced, errors } = getVariableValues(apiSchema, definitions, variables, { maxErrors: 50 });
  if (coerced) return { values: coerced };
  return {
    errors: errors.map(
      ({ message, nodes }) =>
        new GraphQLError(message, { ...(nodes && { nodes }), extensions: { code: 'BAD_USER_INPUT' } }),
    ),
  };
}

/** `http` would tell Apollo Server which status and headers to answer with. */
function toError({ service, message, extensions: { http: _, ...extensions }, path }: Fault): GraphQLError {
  return new GraphQLError(message, {
    ...(path && { path }),
    extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', ...extensions, service },
  });
}

/** A span for each request to a subgraph. */
const observeFetches =
  (parent: Span) =>
  (fetches: readonly PlannedFetch[]): ((outcome: { readonly errors: number }) => void) => {
    const span = tracer.startSpan(
      'maplebridge.fetch',
      { attributes: { 'maplebridge.subgraph': fetches[0]?.service ?? '', 'maplebridge.fetches': fetches.length } },
      trace.setSpan(ROOT_CONTEXT, parent),
    );
    return ({ errors }) => {
      if (errors > 0) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    };
  };
