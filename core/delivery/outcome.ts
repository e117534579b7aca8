/** What an endpoint's answer means for the message, for its lane and for the endpoint. */
import type { WebhookAnswer, WebhookFailure, WebhookFault } from './webhook-client.ts';

export type Outcome =
  | { readonly kind: 'DELIVERED' }
  /** This message, not the endpoint: a human looks at it. */
  | { readonly kind: 'POISONED'; readonly reason: string }
  /** The endpoint wants no more. */
  | { readonly kind: 'GONE' }
  | {
      readonly kind: 'FAILED';
      readonly reason: string;
      readonly retryAfterMs: number | null;
      /** Nothing of the message got there: whatever is wrong, it is not the message. */
      readonly isUnreached: boolean;
    }
  /** We broke it off ourselves. */
  | { readonly kind: 'ABORTED' };

const POISONED: ReadonlySet<number> = new Set([400, 422]);
const GONE = 410;
const UNREACHED: ReadonlySet<WebhookFault> = new Set([
  ...(['target_refused', 'name_not_found', 'connection_refused', 'tls', 'unreachable'] as const),
]);

/** Only 2xx is success; a redirect is a failure and never followed. */
export function outcomeOf(answer: WebhookAnswer | WebhookFailure): Outcome {
  if ('error' in answer) {
    const { error } = answer;
    if (error === 'aborted') return { kind: 'ABORTED' };
    return { kind: 'FAILED', reason: error.toUpperCase(), retryAfterMs: null, isUnreached: UNREACHED.has(error) };
  }
  const { status, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return { kind: 'DELIVERED' };
  const reason = `HTTP_${status}`;
  if (POISONED.has(status)) return { kind: 'POISONED', reason };
  if (status === GONE) return { kind: 'GONE' };
  return { kind: 'FAILED', reason, retryAfterMs, isUnreached: false };
}
