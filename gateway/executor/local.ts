import { setImmediate as othersTurn } from 'node:timers/promises';
import { execute } from 'graphql';
import { AppError } from '../../core/platform/errors.ts';
import type { Log } from '../../core/platform/log.ts';
import type { ReadAhead, Subgraph, SubgraphContext } from '../../core/subgraph.ts';
import type { SourceCode } from '../../core/department.ts';
import { createParseCache } from './data-source.ts';
import type { GatewayContext, SubgraphAnswer, SubgraphDataSource } from './data-source.ts';
import { toSubgraphErrors } from './subgraph-error.ts';

/** Subgraphs of this process by the department they read: within a request one tells another what it will be asked for. */
export type Readers = Map<SourceCode, (request: GatewayContext, keys: readonly string[]) => void>;

export interface LocalDataSourceOptions {
  readonly subgraph: Subgraph;
  /** Shared by all of a gateway. */
  readonly readers: Readers;
  readonly log: Log;
}

/** A subgraph in this process. Plans are made from its own schema, so they are run without validating them again. */
export function createLocalDataSource({ subgraph, readers, log }: LocalDataSourceOptions): SubgraphDataSource {
  const parse = createParseCache();
  // One context for all fetches of a request, so that loaders batch and remember over them.
  const requests = new WeakMap<
    GatewayContext,
    { readonly context: SubgraphContext; readonly written: Promise<void>[] }
  >();
  const requestOf = (context: GatewayContext) => {
    let own = requests.get(context);
    if (!own) {
      if (!context.caller)
        throw new AppError('UNAUTHENTICATED', `The subgraph ${subgraph.name} answers nobody without a caller.`);
      const ahead: ReadAhead = { expect: (source, keys) => readers.get(source)?.(context, keys) };
      own = { context: subgraph.createContext(context.caller, ahead), written: [] };
      requests.set(context, own);
    }
    return own;
  };
  const { source } = subgraph;
  if (source !== undefined) readers.set(source, (request, keys) => requestOf(request).context.expect?.(keys));
  return {
    async process({ request, context }): Promise<SubgraphAnswer> {
      const gatewayContext = context as GatewayContext;
      const own = requestOf(gatewayContext);
      const result = await execute({
        schema: subgraph.schema,
        document: parse(request.query ?? ''),
        contextValue: own.context,
        ...(request.variables && { variableValues: request.variables }),
        ...(request.operationName !== undefined && { operationName: request.operationName }),
      });
      // What it shows is written down once others have been asked, while they think; the answer leaves when all is.
      const written = othersTurn().then(() => own.context.beforeAnswer?.());
      written.catch(() => undefined);
      own.written.push(written);
      const { requestId } = gatewayContext;
      return {
        data: result.data ?? null,
        ...(result.errors && { errors: toSubgraphErrors(result.errors, { service: subgraph.name, requestId, log }) }),
      };
    },
    async beforeAnswer(context) {
      await Promise.all(requests.get(context)?.written ?? []);
    },
    close: () => Promise.resolve(),
  };
}
