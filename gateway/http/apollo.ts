import { ApolloServer } from '@apollo/server';
import type { ApolloServerPlugin } from '@apollo/server';
import type { GraphQLFormattedError } from 'graphql';
import type { RequestLimits } from '../../core/platform/county-config.ts';
import { AppError, badInput } from '../../core/platform/errors.ts';
import { describeError } from '../../core/platform/log.ts';
import type { Log } from '../../core/platform/log.ts';
import type { Metrics } from '../../core/platform/metrics.ts';
import { refusalOf } from '../edge/contract.ts';
import { assertNodes, limitShape } from '../edge/limits.ts';
import { assertPurpose } from '../edge/purpose.ts';
import { createScrub } from '../edge/scrub.ts';
import { withoutSubmitted } from '../edge/submitted.ts';
import { assertVariables } from '../edge/variables.ts';
import type { GatewayContext } from '../executor/data-source.ts';
import type { FederatedGateway } from '../executor/gateway.ts';
import { QUIET, quietPlugins } from './quiet-apollo.ts';

export interface GraphqlOptions {
  readonly gateway: FederatedGateway;
  readonly limits: RequestLimits;
  readonly log: Log;
  readonly metrics: Metrics;
  /** An id for what is told only to the log. */
  readonly newLogId: () => string;
}

/** Apollo Server with every door of the edge in its place. Start it before use. */
export function createGraphql({
  gateway,
  limits,
  log,
  metrics,
  newLogId,
}: GraphqlOptions): ApolloServer<GatewayContext> {
  const scrub = createScrub({
    schema: () => gateway.schema(),
    report(error) {
      const logId = newLogId();
      log.error({ logId, error: describeError(error) }, 'a request failed inside');
      return logId;
    },
  });
  return new ApolloServer<GatewayContext>({
    gateway,
    ...QUIET,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    parseOptions: { maxTokens: limits.tokens },
    validationRules: [limitShape(limits)],
    formatError: scrub,
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: apolloLine(log, 'warn'),
      error: apolloLine(log, 'error'),
    },
    plugins: [...quietPlugins(), createEdgePlugin(limits, metrics)],
  });
}

/** Apollo's lines may quote a query, so only that there was one is logged. */
const apolloLine = (log: Log, level: 'warn' | 'error') => () =>
  log[level]({ kind: 'apollo' }, 'apollo server has something to say');

function createEdgePlugin(limits: RequestLimits, metrics: Metrics): ApolloServerPlugin<GatewayContext> {
  const operations = metrics.counter(
    'maplebridge_graphql_operations_total',
    'GraphQL operations by kind and outcome.',
    ['kind', 'outcome'],
  );
  const seconds = metrics.histogram('maplebridge_graphql_operation_seconds', 'Time to answer a GraphQL operation.', [
    'kind',
  ]);
  return {
    requestDidStart: () => {
      const stop = seconds.startTimer();
      return Promise.resolve({
        async didResolveOperation({ schema, document, operation, request, contextValue }) {
          try {
            if (!operation) throw badInput('operationName', 'operationName must name one operation of the query.');
            assertVariables(schema, operation, request.variables ?? {});
            assertNodes(limits, schema, document, operation, request.variables ?? {});
            if (contextValue.caller) assertPurpose(contextValue.caller, schema, document, operation);
          } catch (error) {
            throw error instanceof AppError ? refusalOf(error) : error;
          }
          return Promise.resolve();
        },
        willSendResponse({ response, document, operation, request }) {
          const kind = operation?.operation ?? 'none';
          let outcome = 'OK';
          if (response.body.kind === 'single') {
            const result = response.body.singleResult;
            if (result.errors && result.errors.length > 0) {
              const clean = withoutSubmitted(result.errors, { document, operation, variables: request.variables });
              response.body.singleResult = { ...result, errors: clean };
              outcome = outcomeOf(clean);
            }
          }
          operations.inc({ kind, outcome });
          stop({ kind });
          return Promise.resolve();
        },
      });
    },
  };
}

const outcomeOf = (errors: readonly GraphQLFormattedError[]): string => codeOf(errors[0]?.extensions?.['code']);

const codeOf = (code: unknown): string => (typeof code === 'string' ? code : 'INTERNAL');
