/** What an endpoint's answer means for the message, for its lane and for the endpoint. */
import type { WebhookAnswer, WebhookFailure } from './webhook-client.ts';

export type Outcome =
  | { readonly kind: 'DELIVERED' }
  /** This message, not the endpoint: a human looks at it. */
  | { readonly kind: 'POISONED'; readonly reason: string }
  /** The endpoint wants no more. */
  | { readonly kind: 'GONE' }
  | { readonly kind: 'FAILED'; readonly reason: string; readonly retryAfterMs: number | null }
  /** We broke it off ourselves. */
  | { readonly kind: 'ABORTED' };

const POISONED: ReadonlySet<number> = new Set([400, 422]);
const GONE = 410;

/** Only 2xx is success; a redirect is a failure and never followed. */
export function outcomeOf(answer: WebhookAnswer | WebhookFailure): Outcome {
  if ('error' in answer)
    return answer.error === 'aborted'
      ? { kind: 'ABORTED' }
      : { kind: 'FAILED', reason: answer.error.toUpperCase(), retryAfterMs: null };
  const { status, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return { kind: 'DELIVERED' };
  const reason = `HTTP_${status}`;
  if (POISONED.has(status)) return { kind: 'POISONED', reason };
  if (status === GONE) return { kind: 'GONE' };
  return { kind: 'FAILED', reason, retryAfterMs };
}
