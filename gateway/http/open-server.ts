/** A gateway for anybody: any supergraph, no callers, no county's rules. For conformance suites and comparisons, never for people's data. */
import { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import { fastify } from 'fastify';
import type { Log } from '../../core/platform/log.ts';
import type { GatewayContext } from '../executor/data-source.ts';
import type { FederatedGateway } from '../executor/gateway.ts';
import { clientGone } from './client-gone.ts';
import { listenOn } from './listen.ts';
import { QUIET, quietPlugins } from './quiet-apollo.ts';
import { sendBytes } from './send-bytes.ts';

export interface OpenServerOptions {
  readonly gateway: FederatedGateway;
  readonly host: string;
  readonly port: number;
  readonly log: Log;
}

export interface OpenServer {
  readonly url: string;
  /** Stops accepting, lets what is under way finish, closes the gateway. */
  close(): Promise<void>;
}

const BODY_BYTES = 8 * 1024 * 1024;

/** Listens. Errors leave as they came, with the subgraph's name; nothing but the stack is taken from them. */
export async function createOpenServer({ gateway, host, port, log }: OpenServerOptions): Promise<OpenServer> {
  const line = (level: 'warn' | 'error') => (message: unknown) => log[level]({ kind: 'apollo' }, String(message));
  const graphql = new ApolloServer<GatewayContext>({
    gateway,
    ...QUIET,
    logger: { debug: () => undefined, info: () => undefined, warn: line('warn'), error: line('error') },
    plugins: quietPlugins(),
  });
  await graphql.start();
  const app = fastify({ logger: false, bodyLimit: BODY_BYTES, forceCloseConnections: 'idle' });
  app.get('/livez', () => ({ status: 'ok' }));
  app.get('/readyz', () => ({ status: 'ok' }));
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    onSend: sendBytes,
    handler: fastifyApolloHandler(graphql, {
      context: (request, reply) => Promise.resolve({ caller: null, requestId: request.id, signal: clientGone(reply) }),
    }),
  });
  const url = await listenOn(app, { host, port, setting: '--port' }).catch(async (error: unknown) => {
    await graphql.stop();
    throw error;
  });
  return {
    url,
    async close() {
      await app.close();
      await graphql.stop();
    },
  };
}
