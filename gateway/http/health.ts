import { fastify } from 'fastify';
import type { Metrics } from '../../core/platform/metrics.ts';
import { listenOn } from './listen.ts';

export interface HealthServerOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  /** One that rejects is not ready. */
  readonly ready: () => Promise<boolean>;
}

/** /livez, /readyz and /metrics for a process that serves nothing else. */
export async function createHealthServer({
  host,
  port,
  metrics,
  ready,
}: HealthServerOptions): Promise<{ readonly url: string; close(): Promise<void> }> {
  const app = fastify({ logger: false, forceCloseConnections: 'idle' });
  app.get('/livez', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const fine = await ready().catch(() => false);
    return reply.code(fine ? 200 : 503).send({ status: fine ? 'ok' : 'not ready' });
  });
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.render()));
  const url = await listenOn(app, { host, port, setting: 'PORT' });
  return { url, close: () => app.close() };
}
