/**
 * One attempt at an endpoint that somebody else chose: it may be slow, endless, hostile, or not theirs at all. No redirect is
 * followed, no cookie kept, no proxy setting of the environment read.
 */
import { Agent, errors } from 'undici';
import type { Clock } from '../platform/clock.ts';
import type { TargetPolicy } from './target.ts';
import { createConnector, TargetRefused, type Lookup } from './webhook-client-connect.ts';
import { parseRetryAfter, readExcerpt } from './webhook-client-answer.ts';

/** Why there is no answer. Stored with the attempt and shown to the endpoint's owner. */
export type WebhookFault =
  | 'target_refused'
  | 'timeout'
  /** The caller's signal: we are going down. */
  | 'aborted'
  | 'name_not_found'
  | 'connection_refused'
  | 'connection_lost'
  | 'tls'
  | 'not_http'
  | 'unreachable';

export interface WebhookAnswer {
  readonly status: number;
  readonly retryAfterMs: number | null;
  /** The first 1 kB. */
  readonly excerpt: string;
  readonly durationMs: number;
}

export interface WebhookFailure {
  readonly error: WebhookFault;
  readonly durationMs: number;
}

export interface WebhookPost {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
  /** For everything: name, connection, answer. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface WebhookClient {
  /** Never rejects because of the other side. */
  post(url: string, post: WebhookPost): Promise<WebhookAnswer | WebhookFailure>;
  close(): Promise<void>;
}

export interface WebhookClientOptions {
  readonly policy: TargetPolicy;
  readonly clock: Pick<Clock, 'wall'>;
  /** At most this many at once to one endpoint's host. */
  readonly connections: number;
  readonly lookup?: Lookup;
  /** PEM: roots to trust instead of Node's own list. */
  readonly ca?: string;
}

const TIMEOUT_MS = 15_000;

export function createWebhookClient({ policy, clock, connections, lookup, ca }: WebhookClientOptions): WebhookClient {
  // The time limit is ours, over everything; the agent's own would only fire in the wrong order. A kept connection was
  // judged when it was made, and is to the same address still.
  const agent = new Agent({
    connect: createConnector({ policy, lookup, ca }),
    connections,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 60_000,
  });

  return {
    async post(text, { headers, body, timeoutMs = TIMEOUT_MS, signal }) {
      const startedAt = performance.now();
      const durationMs = (): number => Math.round(performance.now() - startedAt);
      // Again, although it was looked at when registered: the list may have become shorter since.
      if (policy.checkUrl(text) !== null) return { error: 'target_refused', durationMs: durationMs() };
      const url = new URL(text);
      const limit = createLimit(timeoutMs, signal);
      try {
        const request = agent.request({
          origin: url.origin,
          path: url.pathname + url.search,
          method: 'POST',
          headers: { ...headers },
          body,
          signal: limit.signal,
        });
        // The agent looks at the signal only once there is a connection; a resolver may take longer than that.
        const answer = await Promise.race([request, limit.over]);
        return {
          status: answer.statusCode,
          retryAfterMs: parseRetryAfter(answer.headers['retry-after'], clock.wall()),
          excerpt: await readExcerpt(answer.body),
          durationMs: durationMs(),
        };
      } catch (error) {
        return { error: limit.reason() ?? faultOf(error), durationMs: durationMs() };
      } finally {
        limit.end();
      }
    },
    close: () => agent.destroy(),
  };
}

interface Limit {
  readonly signal: AbortSignal;
  /** Rejects when the time is up. */
  readonly over: Promise<never>;
  /** What has ended it, if anything has. */
  reason(): 'timeout' | 'aborted' | null;
  end(): void;
}

/** A signal of one's own, let go of afterwards: the caller's lives as long as the process and would collect listeners. */
function createLimit(timeoutMs: number, outer: AbortSignal | undefined): Limit {
  const controller = new AbortController();
  let reason: 'timeout' | 'aborted' | null = null;
  const over = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(new errors.RequestAbortedError()));
  });
  // It may be up when nobody waits for it any more.
  over.catch(() => undefined);
  const stop = (why: 'timeout' | 'aborted') => () => {
    reason ??= why;
    controller.abort();
  };
  const timer = setTimeout(stop('timeout'), timeoutMs);
  const abort = stop('aborted');
  if (outer?.aborted) abort();
  outer?.addEventListener('abort', abort);
  return {
    signal: controller.signal,
    over,
    reason: () => reason,
    end() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', abort);
    },
  };
}

const FAULTS: Readonly<Record<string, WebhookFault>> = {
  ENOTFOUND: 'name_not_found',
  EAI_AGAIN: 'name_not_found',
  ECONNREFUSED: 'connection_refused',
  ECONNRESET: 'connection_lost',
  EPIPE: 'connection_lost',
  UND_ERR_SOCKET: 'connection_lost',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_OVERFLOW: 'not_http',
};

/** Rethrows what is our own mistake: a header that cannot be sent is not the endpoint's fault. */
function faultOf(error: unknown): WebhookFault {
  if (error instanceof TargetRefused) return 'target_refused';
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'UND_ERR_INVALID_ARG' || error instanceof TypeError) throw error;
  if (error instanceof errors.HTTPParserError) return 'not_http';
  if (/CERT|SIGNATURE|ISSUER|^ERR_(TLS|SSL)|^EPROTO$/.test(code)) return 'tls';
  return FAULTS[code] ?? 'unreachable';
}
