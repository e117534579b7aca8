/** A subgraph as a service of its own. */
import { BrokenCircuitError, bulkhead, circuitBreaker, CircuitState, ConsecutiveBreaker, handleWhen } from 'cockatiel';
import { z } from 'zod';
import { LINKS, type Link } from '../../core/audit/disclosure.ts';
import { AppError } from '../../core/platform/errors.ts';
import { describeError } from '../../core/platform/log.ts';
import type { Log } from '../../core/platform/log.ts';
import type { CallerTokens } from './caller-token.ts';
import type { GatewayContext, SubgraphAnswer, SubgraphDataSource, SubgraphRequest } from './data-source.ts';
import { post, type Posted } from './http-post.ts';
import type { Origins } from './origins.ts';
import { isRecord } from './run/fetched.ts';
import { createShared } from './shared.ts';

export interface RemoteDataSourceOptions {
  readonly name: string;
  /** The service's address; `/graphql` is added when it names no path. */
  readonly url: string;
  /** Null: the service is asked without saying who asks (`maplebridge gateway --open`). */
  readonly tokens: CallerTokens | null;
  readonly log: Log;
  /** A service that takes longer is as good as down: the unified view has 1.5 s. */
  readonly timeoutMs?: number;
  readonly origins: Origins;
  /** Are the same queries of anybody at the same time one request? Only without callers; by default they are. */
  readonly share?: boolean;
}

/** What our own services say beside their answers (subgraph-server.ts). */
const Beside = z.object({ links: z.record(z.string(), z.enum(LINKS)).default({}) });

/** Requests to one service, and how many more wait for a place. */
const UNDER_WAY = 64;
const WAITING = 1_000;
const FAILURES_TO_OPEN = 10;
const HALF_OPEN_AFTER_MS = 2_000;

/** The service did not do its part: it may do so again. */
class ServiceFault extends Error {
  override readonly name = 'ServiceFault';
}

export function createRemoteDataSource(options: RemoteDataSourceOptions): SubgraphDataSource {
  const { name, tokens, log, origins, timeoutMs = 1_400, share = true } = options;
  const address = new URL(options.url);
  if (address.pathname === '/') address.pathname = '/graphql';
  const path = address.pathname + address.search;
  const origin = origins.enter(address.origin);
  const shared = createShared<Posted>();
  // Of a slow service: others at its origin go on.
  const places = bulkhead(UNDER_WAY, WAITING);
  const breaker = circuitBreaker(
    // Whoever gave up says nothing of the service.
    handleWhen((error) => !(error instanceof AppError)),
    { halfOpenAfter: HALF_OPEN_AFTER_MS, breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN) },
  );

  const told = new WeakMap<GatewayContext, Map<string, Link>>();
  const linksOf = (context: GatewayContext): Map<string, Link> => {
    let links = told.get(context);
    if (!links) told.set(context, (links = new Map<string, Link>()));
    return links;
  };

  const send = async (body: string, context: GatewayContext, signal?: AbortSignal): Promise<Posted> => {
    const posted = await post(origin.dispatcher, {
      ...{ path, body, timeoutMs },
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-request-id': context.requestId,
        ...(tokens && { authorization: `Bearer ${await tokens.sign(callerOf(context), body)}` }),
      },
      ...(signal && { signal }),
    });
    // Services of others answer errors with 400 and a GraphQL body; ours always with 200.
    if (posted.status >= 500 || (tokens !== null && posted.status !== 200))
      throw new ServiceFault(`it answered with status ${posted.status}`);
    return posted;
  };

  /** A query once more when the connection broke: most often it had been idle, and was closed as we wrote. */
  const sendPatiently = async (request: SubgraphRequest, body: string, signal?: AbortSignal): Promise<Posted> => {
    try {
      return await send(body, request.context, signal);
    } catch (error) {
      if (request.operation.kind === 'mutation' || !isBroken(error)) throw error;
      return send(body, request.context, signal);
    }
  };

  const guarded = (request: SubgraphRequest, body: string, signal?: AbortSignal): Promise<Posted> =>
    places.execute(() => breaker.execute(() => sendPatiently(request, body, signal)));

  const ask = (request: SubgraphRequest, body: string): Promise<Posted> => {
    const { context, operation, signal } = request;
    if (operation.kind === 'mutation') return guarded(request, body);
    // In the trial of a half-open circuit whoever goes away must not pass for an answer: it is waited for.
    if (breaker.state !== CircuitState.Closed) return guarded(request, body);
    if (!share) return guarded(request, body, signal);
    // Without callers anybody's question is the same; with them only one's own, in one request.
    return shared({ key: body, of: tokens === null ? null : context, ...(signal && { signal }) }, (all) =>
      guarded(request, body, all),
    );
  };

  return {
    async fetch(request) {
      const { context, operation, variables } = request;
      const body = `${operation.bodyUntilVariables}${JSON.stringify(variables)}}`;
      try {
        const { text } = await ask(request, body);
        const { extensions, ...answer } = parseAnswer(text);
        if (tokens !== null) {
          const { links } = Beside.parse(extensions ?? {});
          for (const [person, link] of Object.entries(links)) linksOf(context).set(person, link);
        }
        return answer;
      } catch (error) {
        // The same for every reason: what it is, is for the log.
        if (error instanceof AppError) throw error;
        const line = { service: name, requestId: context.requestId, error: describeError(error) };
        if (error instanceof BrokenCircuitError) log.debug(line, 'a subgraph is left alone for a moment');
        else log.warn(line, 'a subgraph does not answer');
        throw new AppError('SOURCE_UNAVAILABLE', 'The service does not answer.', { cause: error });
      }
    },
    links: linksOf,
    close: () => origin.leave(),
  };
}

const BROKEN = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'UND_ERR_SOCKET']);

const isBroken = (error: unknown): boolean => BROKEN.has(String((error as { code?: unknown }).code));

/** Throws for what is no answer of GraphQL. */
function parseAnswer(text: string): SubgraphAnswer & { readonly extensions?: unknown } {
  const answer: unknown = JSON.parse(text);
  if (!isRecord(answer)) throw new ServiceFault('it did not answer with an object');
  const { data, errors, extensions } = answer;
  if (data !== undefined && data !== null && !isRecord(data)) throw new ServiceFault('its data is no object');
  if (errors !== undefined && errors !== null && !Array.isArray(errors))
    throw new ServiceFault('its errors are no list');
  if ((data === undefined || data === null) && !errors?.length)
    throw new ServiceFault('it gave neither data nor errors');
  return {
    data: data ?? null,
    ...(errors?.length && { errors: errors.map(parseError) }),
    ...(extensions !== undefined && { extensions }),
  };
}

const isStep = (step: unknown): step is string | number => typeof step === 'string' || typeof step === 'number';

function parseError(error: unknown): NonNullable<SubgraphAnswer['errors']>[number] {
  const { message, path, extensions } = isRecord(error) ? error : {};
  return {
    message: typeof message === 'string' ? message : '',
    ...(Array.isArray(path) && path.every(isStep) && { path }),
    ...(isRecord(extensions) && { extensions }),
  };
}

function callerOf(context: GatewayContext) {
  if (!context.caller) throw new AppError('UNAUTHENTICATED', 'There is no caller to vouch for.');
  return context.caller;
}
