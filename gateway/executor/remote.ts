import { Pool } from 'undici';
import { z } from 'zod';
import type { GraphQLFormattedError } from 'graphql';
import { LINKS, type Link } from '../../core/audit/disclosure.ts';
import { AppError } from '../../core/platform/errors.ts';
import { describeError } from '../../core/platform/log.ts';
import type { Log } from '../../core/platform/log.ts';
import type { CallerTokens } from './caller-token.ts';
import { createParseCache, unavailable } from './data-source.ts';
import type { GatewayContext, SubgraphAnswer, SubgraphDataSource } from './data-source.ts';

export interface RemoteDataSourceOptions {
  readonly name: string;
  /** The service's address; `/graphql` is added when it names no path. */
  readonly url: string;
  /** Null: the service is asked without saying who asks (`maplebridge gateway --open`). */
  readonly tokens: CallerTokens | null;
  readonly log: Log;
  /** A service that takes longer is as good as down: the unified view has 1.5 s. */
  readonly timeoutMs?: number;
  readonly connections?: number;
}

const Answer = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z
    .array(
      z.object({
        message: z.string().default(''),
        path: z.array(z.union([z.string(), z.number()])).optional(),
        extensions: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .optional(),
  extensions: z.record(z.string(), z.unknown()).nullish(),
});

/** What our own services say beside their answers (subgraph-server.ts). */
const Beside = z.object({ links: z.record(z.string(), z.enum(LINKS)).default({}) });

/** A subgraph as a service of its own. Whatever goes wrong between is an error per field, never a rejection: the rest of the answer stands. */
export function createRemoteDataSource(options: RemoteDataSourceOptions): SubgraphDataSource {
  const { name, tokens, log, timeoutMs = 1_400, connections = 64 } = options;
  const address = new URL(options.url);
  if (address.pathname === '/') address.pathname = '/graphql';
  const pool = new Pool(address.origin, { connections, connect: { timeout: timeoutMs } });
  const parse = createParseCache();

  const told = new WeakMap<GatewayContext, Map<string, Link>>();
  const linksOf = (context: GatewayContext): Map<string, Link> => {
    let links = told.get(context);
    if (!links) told.set(context, (links = new Map<string, Link>()));
    return links;
  };

  const ask = async (body: string, context: GatewayContext): Promise<SubgraphAnswer> => {
    const response = await pool.request({
      method: 'POST',
      path: address.pathname + address.search,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-request-id': context.requestId,
        ...(tokens && { authorization: `Bearer ${await tokens.sign(callerOf(context), body)}` }),
      },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.body.text();
    // Services of others answer errors with 400 and a GraphQL body; ours always with 200.
    if (response.statusCode >= 500 || (tokens !== null && response.statusCode !== 200)) {
      throw new AppError('SOURCE_UNAVAILABLE', `The service answered with status ${response.statusCode}.`);
    }
    const { data, errors, extensions } = Answer.parse(JSON.parse(text));
    if (tokens !== null) {
      const { links } = Beside.parse(extensions ?? {});
      for (const [person, link] of Object.entries(links)) linksOf(context).set(person, link);
    }
    return { data: data ?? null, ...(errors && { errors: errors as GraphQLFormattedError[] }) };
  };

  return {
    async process({ request, context }) {
      const gatewayContext = context as GatewayContext;
      const variables = request.variables ?? {};
      const query = request.query ?? '';
      const body = JSON.stringify({ query, variables, operationName: request.operationName });
      try {
        return await ask(body, gatewayContext);
      } catch (error) {
        log.warn(
          { service: name, requestId: gatewayContext.requestId, error: describeError(error) },
          'a subgraph does not answer',
        );
        return { data: null, errors: unavailable(name, parse(query), variables) };
      }
    },
    links: linksOf,
    close: () => pool.destroy(),
  };
}

function callerOf(context: GatewayContext) {
  if (!context.caller) throw new AppError('UNAUTHENTICATED', 'There is no caller to vouch for.');
  return context.caller;
}
