/** The gateway's HTTP server: GraphQL, health, metrics, and in the demo an editor and a sign-in link. */
import { fastifyApolloHandler } from '@as-integrations/fastify';
import { fastify } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../../core/access/caller.ts';
import type { Clock } from '../../core/platform/clock.ts';
import type { RequestLimits } from '../../core/platform/county-config.ts';
import { AppError } from '../../core/platform/errors.ts';
import { newId } from '../../core/platform/id.ts';
import type { Log } from '../../core/platform/log.ts';
import type { Metrics } from '../../core/platform/metrics.ts';
import { SESSION_COOKIE } from '../edge/caller.ts';
import { refusalOf } from '../edge/contract.ts';
import type { FederatedGateway } from '../executor/gateway.ts';
import { createGraphql } from './apollo.ts';
import { clientGone } from './client-gone.ts';
import { answerFault } from './fault.ts';
import { GRAPHIQL_POLICY, graphiqlPage } from './graphiql.ts';
import { listenOn } from './listen.ts';
import { PAGE_POLICY, signInFailedPage, startPage } from './page.ts';
import type { Link } from './page.ts';
import { sendBytes } from './send-bytes.ts';

export interface GatewayServerOptions {
  readonly host: string;
  readonly port: number;
  /** CIDR blocks of the proxies whose X-Forwarded-For is believed; by default nobody's. */
  readonly trustProxy?: readonly string[];
  readonly gateway: FederatedGateway;
  /** Null lets anybody in without a caller (`maplebridge gateway --open`). */
  readonly authenticate: ((headers: IncomingHttpHeaders, requestId: string) => Promise<Caller>) | null;
  readonly limits: RequestLimits;
  readonly clock: Pick<Clock, 'wall'>;
  readonly log: Log;
  readonly metrics: Metrics;
  /** What /readyz asks, by name. Each says whether it is ready; one that rejects is not. */
  readonly readiness: Readonly<Record<string, () => boolean | Promise<boolean>>>;
  /** Figures that /readyz tells beside them; one that rejects is null there. */
  readonly figures?: Readonly<Record<string, () => Promise<number>>>;
  /** Null outside the demo. */
  readonly demo: {
    /** Shown in GraphiQL when nothing else is. */
    readonly firstQuery: string | null;
    /** The token for a sign-in ticket; null when it is not one or has expired. */
    readonly signIn: (ticket: string) => Promise<string | null>;
  } | null;
  /** More links on the start page. */
  readonly links?: readonly Link[];
  /** More routes of other roles (webhooks in, audit tiles). */
  readonly routes?: (app: FastifyInstance) => void;
}

export interface GatewayServer {
  readonly url: string;
  /** Stops accepting, lets requests under way finish (at most ten seconds), closes the gateway. */
  close(): Promise<void>;
}

const DRAIN_MS = 10_000;
const SESSION_SECONDS = 12 * 60 * 60;
const REQUEST_TIMEOUT_MS = 30_000;

/** Loads the supergraph and listens. Rejects with one clear sentence when the port is taken. */
export async function createGatewayServer(options: GatewayServerOptions): Promise<GatewayServer> {
  const { host, port, gateway, authenticate, limits, clock, log, metrics, demo, trustProxy = [] } = options;
  const newRequestId = (): string => newId('req', clock.wall());
  const app = fastify({
    logger: false,
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    genReqId: newRequestId,
  });
  const graphql = createGraphql({ gateway, limits, log, metrics, newLogId: newRequestId });
  await graphql.start();

  let closing = false;
  observe(app, log, metrics);
  addHealth(app, options, () => closing);
  // A connection kept alive after its last answer would hold up the end.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) reply.header('connection', 'close');
    done(null, payload);
  });
  app.removeContentTypeParser('text/plain');
  app.setNotFoundHandler((request, reply) =>
    answerFault(new AppError('NOT_FOUND', 'There is nothing at this address.'), request, reply, log),
  );
  app.setErrorHandler((error, request, reply) => answerFault(error, request, reply, log));

  const answerQuery = fastifyApolloHandler(graphql, {
    async context(request, reply) {
      try {
        const caller = authenticate ? await authenticate(request.headers, request.id) : null;
        return { caller, requestId: request.id, signal: clientGone(reply) };
      } catch (error) {
        throw error instanceof AppError ? refusalOf(error) : error;
      }
    },
  });
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    onSend: sendBytes,
    async handler(request, reply) {
      if (demo && request.method === 'GET' && wantsHtml(request))
        return sendPage(reply, await graphiqlPage(demo.firstQuery), GRAPHIQL_POLICY);
      return answerQuery.call(app, request, reply);
    },
  });

  const start = startPage({ links: [...linksOf(options), ...(options.links ?? [])], demo: demo !== null });
  app.get('/', (_request, reply) => sendPage(reply, start, PAGE_POLICY));
  if (demo) addSignIn(app, demo.signIn);
  options.routes?.(app);

  const url = await listenOn(app, { host, port, setting: 'PORT' }).catch(async (error: unknown) => {
    await graphql.stop();
    throw error;
  });
  return {
    url,
    async close() {
      closing = true;
      const impatient = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
      await app.close();
      clearTimeout(impatient);
      await graphql.stop();
    },
  };
}

/** Times and logs every request, by its route: an address may hold what must not be logged. */
function observe(app: FastifyInstance, log: Log, metrics: Metrics): void {
  const seconds = metrics.histogram('maplebridge_http_request_seconds', 'Time to answer an HTTP request.', [
    'method',
    'route',
    'status',
  ]);
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers({
      'x-request-id': request.id,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    seconds.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
    const fields = {
      requestId: request.id,
      method: request.method,
      route,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    };
    // Probes come every few seconds and say nothing.
    if (['/livez', '/readyz', '/metrics'].includes(route)) log.debug(fields, 'request');
    else log.info(fields, 'request');
    done();
  });
}

function addHealth(
  app: FastifyInstance,
  { readiness, figures = {}, metrics, log }: GatewayServerOptions,
  closing: () => boolean,
): void {
  app.get('/livez', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const checks = await Promise.all(
      Object.entries(readiness).map(async ([name, check]) => {
        const fine = await Promise.resolve()
          .then(check)
          .catch((error: unknown) => {
            log.warn(
              { kind: name, error: error instanceof AppError ? error.message : undefined },
              'a readiness check failed',
            );
            return false;
          });
        return [name, fine] as const;
      }),
    );
    const told = await Promise.all(
      Object.entries(figures).map(async ([name, figure]) => [name, await figure().catch(() => null)] as const),
    );
    const ready = !closing() && checks.every(([, fine]) => fine);
    return reply.code(ready ? 200 : 503).send({
      status: ready ? 'ok' : 'not ready',
      checks: Object.fromEntries(checks),
      ...(told.length > 0 && { figures: Object.fromEntries(told) }),
    });
  });
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.render()));
}

function addSignIn(app: FastifyInstance, signIn: (ticket: string) => Promise<string | null>): void {
  app.get('/sign-in', async (request, reply) => {
    const { ticket } = request.query as { ticket?: unknown };
    const token = typeof ticket === 'string' ? await signIn(ticket) : null;
    if (token === null) return sendPage(reply.code(400), signInFailedPage(), PAGE_POLICY);
    // Strict: no other site's page can make a request with it.
    reply.header(
      'set-cookie',
      `${SESSION_COOKIE}=${token}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${SESSION_SECONDS}`,
    );
    return reply.redirect('/graphql', 303);
  });
}

const sendPage = (reply: FastifyReply, html: string, policy: string): FastifyReply =>
  reply.type('text/html; charset=utf-8').header('content-security-policy', policy).send(html);

/** A browser that was pointed here, not one of its scripts. */
const wantsHtml = (request: FastifyRequest): boolean => /^[^,]*text\/html/.test(request.headers.accept ?? '');

const linksOf = ({ demo }: GatewayServerOptions): Link[] => [
  {
    href: '/graphql',
    chinese: demo ? '查询接口与在线查询工具' : '查询接口（POST）',
    english: demo ? 'The GraphQL API, with an editor' : 'The GraphQL API, by POST',
  },
  { href: '/readyz', chinese: '是否就绪', english: 'Whether it is ready, and what it waits for' },
  { href: '/livez', chinese: '是否运行', english: 'Whether it runs' },
  { href: '/metrics', chinese: '运行指标（Prometheus）', english: 'Measurements for Prometheus' },
];
