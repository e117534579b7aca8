/** Apollo's gateway over our data sources: plans, fetches, and what must happen before an answer leaves. */
import { ApolloGateway } from '@apollo/gateway';
import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import { execute, GraphQLError, Kind } from 'graphql';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { Caller } from '../../core/access/caller.ts';
import type { Link } from '../../core/audit/disclosure.ts';
import { AppError } from '../../core/platform/errors.ts';
import { describeError } from '../../core/platform/log.ts';
import type { Log } from '../../core/platform/log.ts';
import { refusalOf } from '../edge/contract.ts';
import type { GatewayContext, SubgraphDataSource } from './data-source.ts';

type GatewayInterface = ApolloServerOptionsWithGateway<GatewayContext>['gateway'];
type GatewayExecutor = NonNullable<Awaited<ReturnType<GatewayInterface['load']>>['executor']>;
type GatewayRequest = Parameters<GatewayExecutor>[0];
type GatewayResult = Awaited<ReturnType<GatewayExecutor>>;

/** An answer that is ready but has not left. */
export interface ReadyAnswer {
  readonly caller: Caller | null;
  readonly requestId: string;
  /** As it was planned: what `prepareDocument` made. */
  readonly document: DocumentNode;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly schema: GraphQLSchema;
  readonly data: Readonly<Record<string, unknown>> | null | undefined;
  readonly errors: readonly GraphQLError[];
  /** Why the caller may see whom, by person, as the subgraphs that resolved them say. */
  readonly links: ReadonlyMap<string, Link>;
}

export interface GatewayHooks {
  /** Changes the valid document before it is planned (once per document: plans are kept by the query's hash). */
  readonly prepareDocument?: (document: DocumentNode, schema: GraphQLSchema) => DocumentNode;
  /** A subgraph has resolved these persons, the answer is not ready yet. */
  readonly personsFound?: (personIds: readonly string[]) => void;
  /**
   * Makes durable what must be (disclosures), and gives the answer as it is to be sent, without what `prepareDocument` added.
   * When it rejects, nothing is answered.
   */
  readonly beforeAnswer?: (answer: ReadyAnswer) => Promise<Pick<ReadyAnswer, 'data' | 'errors'>>;
}

export interface FederatedGatewayOptions {
  readonly supergraphSdl: string;
  readonly dataSources: (service: { readonly name: string; readonly url: string | undefined }) => SubgraphDataSource;
  readonly hooks?: GatewayHooks;
  readonly log: Log;
}

export interface FederatedGateway extends GatewayInterface {
  /** Null before it is loaded. */
  schema(): GraphQLSchema | null;
}

export function createFederatedGateway(options: FederatedGatewayOptions): FederatedGateway {
  const { supergraphSdl, hooks = {}, log } = options;
  const sources: SubgraphDataSource[] = [];
  let schema: GraphQLSchema | null = null;
  const prepared = new WeakMap<DocumentNode, DocumentNode>();

  const apollo = new ApolloGateway({
    supergraphSdl,
    buildService({ name, url }) {
      const source = options.dataSources({ name, url });
      sources.push(source);
      return {
        async process(fetch) {
          const fetched = await source.process(fetch);
          const links = source.links(fetch.context as GatewayContext);
          if (links.size > 0) hooks.personsFound?.([...links.keys()]);
          return fetched;
        },
      };
    },
    __exposeQueryPlanExperimental: false,
    logger: apolloLogger(log),
  });
  apollo.onSchemaLoadOrUpdate(({ apiSchema }) => {
    schema = apiSchema;
  });

  const prepare = (document: DocumentNode): DocumentNode => {
    if (!hooks.prepareDocument || !schema) return document;
    let changed = prepared.get(document);
    if (!changed) {
      changed = hooks.prepareDocument(document, schema);
      prepared.set(document, changed);
    }
    return changed;
  };

  const answer = async (run: GatewayExecutor, request: GatewayRequest): Promise<GatewayResult> => {
    if (onlyIntrospects(request.operation)) return introspect(request);
    const context = request.context as GatewayContext;
    const document = prepare(request.document);
    const { extensions, data: found, errors: faults = [], ...result } = await run({ ...request, document });
    // Values that do not fit the schema (a subgraph's fault) are reported by Apollo in a place that nobody reads.
    const misfits = ((extensions?.['valueCompletion'] ?? []) as GraphQLError[]).filter(isFault).map(misfit);
    const { caller, requestId } = context;
    const answered = { data: found, errors: [...faults, ...misfits] };
    try {
      const { data, errors } =
        (await hooks.beforeAnswer?.({
          ...{ caller, requestId, document, ...answered },
          operationName: request.request.operationName ?? null,
          variables: request.request.variables ?? {},
          schema: request.schema,
          links: new Map(sources.flatMap((source) => [...source.links(context)])),
        })) ?? answered;
      return { ...result, ...(data !== undefined && { data }), ...(errors.length > 0 && { errors }) };
    } catch (error) {
      log.error({ requestId, error: describeError(error) }, 'an answer was withheld');
      // Crash or failure here: nothing was told, and nothing more than needed was written down.
      const refusal =
        error instanceof AppError
          ? error
          : new AppError('INTERNAL', 'The answer could not be given.', { cause: error });
      return { errors: [refusalOf(refusal)] };
    }
  };

  return {
    schema: () => schema,
    onSchemaLoadOrUpdate: (callback) => apollo.onSchemaLoadOrUpdate(callback),
    async load(loadOptions) {
      const { executor } = await apollo.load(loadOptions);
      return { executor: (request) => answer(executor, request) };
    },
    async stop() {
      await apollo.stop();
      await Promise.all(sources.map((source) => source.close()));
    },
  };
}

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

const misfit = (error: GraphQLError): GraphQLError =>
  new GraphQLError('A value does not fit the schema.', {
    ...(error.path && { path: error.path }),
    extensions: { code: 'INTERNAL_SERVER_ERROR' },
  });

/** Apollo's own lines, without their text where it could quote a query. */
function apolloLogger(log: Log) {
  const line = (level: 'warn' | 'error') => (message?: unknown) => {
    // Subgraphs in this process have no address, and need none.
    if (typeof message === 'string' && message.endsWith('is missing a url')) return;
    log[level](
      { kind: 'apollo', ...(message instanceof Error && { error: describeError(message) }) },
      'apollo gateway has something to say',
    );
  };
  return { debug: () => undefined, info: () => undefined, warn: line('warn'), error: line('error') };
}
