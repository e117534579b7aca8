/** Errors of a subgraph as they leave it: a code of the contract, a path, and no value that anybody sent. */
import { Kind } from 'graphql';
import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import { describeError } from '../../core/platform/log.ts';
import type { Log } from '../../core/platform/log.ts';
import { appErrorIn, GENERIC_MESSAGE, publicDetails } from '../edge/contract.ts';
import { safeField } from '../edge/variables.ts';

export interface SubgraphErrorContext {
  readonly service: string;
  readonly requestId: string;
  readonly log: Log;
}

export function toSubgraphErrors(
  errors: readonly GraphQLError[],
  context: SubgraphErrorContext,
): GraphQLFormattedError[] {
  return errors.map((error) => {
    const place = error.path ? { path: error.path } : {};
    const own = appErrorIn(error);
    if (own && own.code !== 'INTERNAL') {
      return { message: own.message, ...place, extensions: { code: own.code, ...publicDetails(own.details) } };
    }
    const field = own ? null : rejectedInput(error);
    if (field !== null) {
      return { message: GENERIC_MESSAGE.BAD_USER_INPUT, ...place, extensions: { code: 'BAD_USER_INPUT', field } };
    }
    const { service, requestId, log } = context;
    log.error({ service, requestId, error: describeError(error.originalError ?? error) }, 'a resolver failed');
    // Our own INTERNAL messages are fit for the caller ("not written down, so not shown"); others' are not.
    return {
      message: own?.message ?? GENERIC_MESSAGE.INTERNAL,
      ...place,
      extensions: { code: 'INTERNAL', logId: requestId },
    };
  });
}

/** A scalar of ours (DateTime, Date) is checked here, not by the gateway: which variable or argument did not fit. */
function rejectedInput(error: GraphQLError): string | null {
  const node = error.nodes?.[0];
  if (node?.kind === Kind.VARIABLE_DEFINITION) return safeField([node.variable.name.value]);
  return /^Argument "(\w+)"/.exec(error.message)?.[1] ?? null;
}
