/** For a worker by itself: whether it is well, and its metrics. */
import { createHealthServer } from '../../gateway/http/health.ts';
import type { Closing } from './closing.ts';
import type { Foundation } from './foundation.ts';

export async function serveHealth({ config, db, metrics }: Foundation, closing: Closing): Promise<string> {
  const server = await createHealthServer({
    host: config.host,
    port: config.port,
    metrics,
    ready: async () => (await db.one<{ ready: boolean }>('select true as ready')).ready,
  });
  closing.add(() => server.close());
  return server.url;
}
