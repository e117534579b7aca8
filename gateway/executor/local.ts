import { AppError } from '../../core/platform/errors.ts';
import type { Log } from '../../core/platform/log.ts';
import type { ReadAhead, Subgraph, SubgraphContext } from '../../core/subgraph.ts';
import type { SourceCode } from '../../core/department.ts';
import { NO_LINKS, type GatewayContext, type SubgraphDataSource } from './data-source.ts';
import type { FetchedObject } from './run/fetched.ts';
import { COMPILED_BYTES_PER_CHARACTER, createOperationRunner } from './subgraph/run-operation.ts';
import { toSubgraphErrors } from './subgraph-error.ts';

/** Subgraphs of this process by the department they read: within a request one tells another what it will be asked for. */
export type Readers = Map<SourceCode, (request: GatewayContext, keys: readonly string[]) => void>;

export interface LocalDataSourceOptions {
  readonly subgraph: Subgraph;
  /** Shared by all of a gateway. */
  readonly readers: Readers;
  /** Begins what is read ahead when its turn has come; at once unless it is said. */
  readonly inTurn?: (begin: () => void) => void;
  readonly log: Log;
}

/** A subgraph in this process. Plans are made from its own schema, so they are run without validating them again. */
export function createLocalDataSource({
  subgraph,
  readers,
  inTurn = (begin) => begin(),
  log,
}: LocalDataSourceOptions): SubgraphDataSource {
  // One context for all fetches of a request, so that loaders batch and remember over them.
  const requests = new WeakMap<GatewayContext, SubgraphContext>();
  const requestOf = (context: GatewayContext): SubgraphContext => {
    let own = requests.get(context);
    if (!own) {
      if (!context.caller)
        throw new AppError('UNAUTHENTICATED', `The subgraph ${subgraph.name} answers nobody without a caller.`);
      const ahead: ReadAhead = { expect: (source, keys) => readers.get(source)?.(context, keys) };
      own = subgraph.createContext(context.caller, ahead);
      requests.set(context, own);
    }
    return own;
  };
  const run = createOperationRunner(subgraph.schema);
  const { source } = subgraph;
  if (source !== undefined)
    readers.set(source, (request, keys) => {
      const own = requestOf(request);
      inTurn(() => own.expect?.(keys));
    });
  return {
    bytesPerCharacter: COMPILED_BYTES_PER_CHARACTER,
    async fetch({ operation, variables, context }) {
      const result = await run({ document: operation.document, variables, context: requestOf(context) });
      const { requestId } = context;
      return {
        // Made for this call: nobody else holds it.
        data: (result.data as FetchedObject | null | undefined) ?? null,
        ...(result.errors && { errors: toSubgraphErrors(result.errors, { service: subgraph.name, requestId, log }) }),
      };
    },
    links: (context) => requests.get(context)?.links ?? NO_LINKS,
    close: () => Promise.resolve(),
  };
}
