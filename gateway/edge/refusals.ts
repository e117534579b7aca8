/** What a caller may not do, and tried, is written down before they are told so. */
import { getOperationAST, Kind } from 'graphql';
import type { Caller } from '../../core/access/caller.ts';
import type { GatewayHooks, ReadyAnswer } from '../executor/gateway-hooks.ts';

/** By the names of the schema: an alias is the caller's own text. */
const rootFields = ({ document, operationName }: ReadyAnswer): string[] => {
  const selections = getOperationAST(document, operationName)?.selectionSet.selections ?? [];
  return [...new Set(selections.flatMap((one) => (one.kind === Kind.FIELD ? [one.name.value] : [])))];
};

export const notingRefusals = (
  hooks: Required<GatewayHooks>,
  note: (caller: Caller, fields: readonly string[]) => Promise<void>,
): Required<GatewayHooks> => ({
  ...hooks,
  async beforeAnswer(answer) {
    const isRefused = answer.errors.some(({ extensions }) => extensions['code'] === 'FORBIDDEN');
    if (isRefused && answer.caller) await note(answer.caller, rootFields(answer));
    return hooks.beforeAnswer(answer);
  },
});
