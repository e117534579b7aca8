/** The receiving side of `remote.ts`: one subgraph behind a server that answers nobody but the gateway. */
import { fastify } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../core/platform/errors.ts';
import { describeError } from '../../core/platform/log.ts';
import type { Log } from '../../core/platform/log.ts';
import { decodeUtf8 } from '../../core/platform/utf8.ts';
import type { Subgraph } from '../../core/subgraph.ts';
import { listenOn } from '../http/listen.ts';
import type { CallerTokens } from './caller-token.ts';
import { createParseCache } from './parse-cache.ts';
import { toSubgraphErrors } from './subgraph-error.ts';
import { createOperationRunner } from './subgraph/run-operation.ts';

export interface SubgraphServerOptions {
  readonly subgraph: Subgraph;
  readonly tokens: CallerTokens;
  readonly host: string;
  readonly port: number;
  readonly log: Log;
  /** For /readyz: whether its database and the like answer. */
  readonly ready?: () => Promise<boolean>;
}

export interface SubgraphServer {
  readonly url: string;
  /** Stops accepting, lets what is under way finish. */
  close(): Promise<void>;
}

const Body = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

// Representations of a page of a hundred persons with their grants are some hundred kilobytes.
const BODY_BYTES = 8 * 1024 * 1024;

/** Listens; rejects with one clear sentence when the port is taken. */
export async function createSubgraphServer(options: SubgraphServerOptions): Promise<SubgraphServer> {
  const { subgraph, tokens, host, port, ready } = options;
  const log = options.log.child({ service: subgraph.name });
  const parse = createParseCache();
  const run = createOperationRunner(subgraph.schema);
  const app = fastify({ logger: false, bodyLimit: BODY_BYTES, forceCloseConnections: 'idle' });

  // Raw, because the token is bound to the bytes as they came.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  app.get('/livez', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const fine = (await ready?.()) ?? true;
    return reply.code(fine ? 200 : 503).send({ status: fine ? 'ok' : 'not ready' });
  });

  app.post('/graphql', async (request, reply) => {
    const body = request.body as Buffer;
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    const caller = token ? await tokens.verify(token, body) : null;
    if (!caller) return reply.code(401).send({});
    const { query, variables, operationName } = Body.parse(JSON.parse(decodeUtf8(body)));
    const context = subgraph.createContext(caller);
    const result = await run({ document: parse(query), operationName, variables: variables ?? {}, context });
    const { requestId } = caller;
    const { links } = context;
    return reply.send({
      data: result.data ?? null,
      ...(result.errors && { errors: toSubgraphErrors(result.errors, { service: subgraph.name, requestId, log }) }),
      ...(links && links.size > 0 && { extensions: { links: Object.fromEntries(links) } }),
    });
  });

  app.setNotFoundHandler((_request, reply) => reply.code(404).send({}));
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    // What the gateway sent was signed, so a fault here is ours; strangers do not come this far.
    if (error.statusCode === undefined || error instanceof AppError)
      log.error({ error: describeError(error) }, 'a request failed');
    return reply.code(error.statusCode ?? 500).send({});
  });

  const url = await listenOn(app, { host, port, setting: 'PORT' });
  return { url, close: () => app.close() };
}
