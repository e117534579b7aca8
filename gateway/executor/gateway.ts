/**
 * The executor behind Apollo Server's gateway interface: which supergraph is served, what is done to a document before it is
 * planned, and what must happen before an answer leaves.
 */
import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import { execute, GraphQLError, Kind } from 'graphql';
import type { GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { AppError } from '../../core/platform/errors.ts';
import { describeError } from '../../core/platform/log.ts';
import type { Log } from '../../core/platform/log.ts';
import { refusalOf } from '../edge/contract.ts';
import type { GatewayContext } from './data-source.ts';
import type { GatewayHooks } from './gateway-hooks.ts';
import { createServing, type ServiceOf } from './serving.ts';

type SchemaListener = Parameters<GatewayInterface['onSchemaLoadOrUpdate']>[0];
type GatewayInterface = ApolloServerOptionsWithGateway<GatewayContext>['gateway'];
type GatewayExecutor = NonNullable<Awaited<ReturnType<GatewayInterface['load']>>['executor']>;
type GatewayRequest = Parameters<GatewayExecutor>[0];
type GatewayResult = Awaited<ReturnType<GatewayExecutor>>;

export interface FederatedGatewayOptions {
  readonly supergraphSdl: string;
  readonly dataSources: ServiceOf;
  readonly hooks?: GatewayHooks;
  readonly log: Log;
  /** Operations that are planned before the first request: their texts. Those that are not valid are left out, and logged. */
  readonly knownOperations?: readonly string[];
}

export interface FederatedGateway extends GatewayInterface {
  /** Null before it is loaded. */
  schema(): GraphQLSchema | null;
  /**
   * Serves another supergraph from now on; requests under way end on the one they began with. What was asked most is planned
   * before. Rejects with BAD_USER_INPUT when it cannot be served, and goes on with what it has.
   */
  reload(supergraphSdl: string): Promise<void>;
}

/** Throws BAD_USER_INPUT when the supergraph cannot be served. */
export function createFederatedGateway(options: FederatedGatewayOptions): FederatedGateway {
  const { hooks = {}, log, knownOperations = [] } = options;
  const listeners = new Set<SchemaListener>();
  const serving = createServing({ dataSources: options.dataSources, hooks, log });

  async function serve(supergraphSdl: string): Promise<void> {
    const { apiSchema } = await serving.replace(supergraphSdl, knownOperations);
    for (const listener of listeners) listener({ apiSchema, coreSupergraphSdl: supergraphSdl });
  }

  const answer = async (request: GatewayRequest): Promise<GatewayResult> => {
    if (onlyIntrospects(request.operation)) return introspect(request);
    const context = request.context as GatewayContext;
    const { caller, requestId, signal } = context;
    const variables = request.request.variables ?? {};
    // The request was found valid for this schema, and is answered by the supergraph of that schema.
    const served = serving.enter(request.schema);
    try {
      const { document, data, errors } = await served.executor.execute({
        ...{ variables, context },
        key: `${request.queryHash} ${request.operation.name?.value ?? ''}`,
        document: request.document,
        operation: request.operation,
        ...(signal && { signal }),
      });
      if (data === undefined || !hooks.beforeAnswer) return toResult(data, errors);
      const released = await hooks.beforeAnswer({
        ...{ caller, requestId, document, variables, data },
        errors: errors.filter(isFault),
        operationName: request.request.operationName ?? null,
        schema: request.schema,
        links: served.links(context),
      });
      return toResult(released.data, released.errors);
    } catch (error) {
      if (error instanceof GraphQLError) return { errors: [error] };
      if (signal?.aborted) log.debug({ requestId }, 'the client did not wait for its answer');
      else log.error({ requestId, error: describeError(error) }, 'an answer was withheld');
      // Crash or failure here: nothing was told, and nothing more than needed was written down.
      const refusal =
        error instanceof AppError
          ? error
          : new AppError('INTERNAL', 'The answer could not be given.', { cause: error });
      return { errors: [refusalOf(refusal)] };
    } finally {
      served.leave();
    }
  };

  return {
    schema: () => serving.apiSchema(),
    onSchemaLoadOrUpdate(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async load() {
      await serve(options.supergraphSdl);
      return { executor: answer };
    },
    reload: serve,
    stop: () => serving.close(),
  };
}

const toResult = (
  data: Readonly<Record<string, unknown>> | null | undefined,
  errors: readonly GraphQLError[],
): GatewayResult => ({ ...(data !== undefined && { data }), ...(errors.length > 0 && { errors }) });

const onlyIntrospects = ({ selectionSet }: OperationDefinitionNode): boolean =>
  selectionSet.selections.every((selection) => selection.kind === Kind.FIELD && selection.name.value.startsWith('__'));

/** By graphql-js: the planner knows an older introspection than editors ask for (`isOneOf`), and there is nothing to plan. */
const introspect = async ({ schema, document, request }: GatewayRequest): Promise<GatewayResult> =>
  execute({
    schema,
    document,
    ...(request.variables && { variableValues: request.variables }),
    ...(request.operationName && { operationName: request.operationName }),
  });

/**
 * A link to a record that is not there for the caller any more, or whose department does not answer, is null by the contract, and no
 * error: it would say that there is something.
 */
const isFault = ({ message }: GraphQLError): boolean =>
  !/^Cannot return null for non-nullable field (CourtCase|PoliceIncident|Petition)\./.test(message);
