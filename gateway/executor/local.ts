import { execute } from 'graphql';
import { AppError } from '../../core/platform/errors.ts';
import type { Log } from '../../core/platform/log.ts';
import type { Subgraph, SubgraphContext } from '../../core/subgraph.ts';
import { createParseCache } from './data-source.ts';
import type { GatewayContext, SubgraphAnswer, SubgraphDataSource } from './data-source.ts';
import { toSubgraphErrors } from './subgraph-error.ts';

export interface LocalDataSourceOptions {
  readonly subgraph: Subgraph;
  readonly log: Log;
}

/** A subgraph in this process. Plans are made from its own schema, so they are run without validating them again. */
export function createLocalDataSource({ subgraph, log }: LocalDataSourceOptions): SubgraphDataSource {
  const parse = createParseCache();
  // One context for all fetches of a request, so that loaders batch and remember over them.
  const contexts = new WeakMap<GatewayContext, SubgraphContext>();
  const contextOf = (context: GatewayContext): SubgraphContext => {
    let own = contexts.get(context);
    if (!own) {
      if (!context.caller)
        throw new AppError('UNAUTHENTICATED', `The subgraph ${subgraph.name} answers nobody without a caller.`);
      own = subgraph.createContext(context.caller);
      contexts.set(context, own);
    }
    return own;
  };
  return {
    async process({ request, context }): Promise<SubgraphAnswer> {
      const gatewayContext = context as GatewayContext;
      const result = await execute({
        schema: subgraph.schema,
        document: parse(request.query ?? ''),
        contextValue: contextOf(gatewayContext),
        ...(request.variables && { variableValues: request.variables }),
        ...(request.operationName !== undefined && { operationName: request.operationName }),
      });
      const { requestId } = gatewayContext;
      return {
        data: result.data ?? null,
        ...(result.errors && { errors: toSubgraphErrors(result.errors, { service: subgraph.name, requestId, log }) }),
      };
    },
    async beforeAnswer(context) {
      await contexts.get(context)?.beforeAnswer?.();
    },
    close: () => Promise.resolve(),
  };
}
