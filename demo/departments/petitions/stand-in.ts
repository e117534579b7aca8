/** The petition bureau's system: its own PostgreSQL, of which others may read views over five connections. */
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../../core/platform/embedded-postgres/embedded-postgres.ts';
import type { StandIn, StandInContext, StandInServer } from '../kit/stand-in.ts';
import { openBureau } from './bureau.ts';
import { createProxy } from './proxy.ts';

export interface BureauServer {
  /** Of the bureau's database, as its owner. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Small, and without care for its data: what is lost is loaded again. */
const SETTINGS = {
  shared_buffers: '32MB',
  max_connections: '20',
  work_mem: '8MB',
  maintenance_work_mem: '32MB',
  max_parallel_workers_per_gather: '0',
  autovacuum_max_workers: '1',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

const ownServer = ({ dir }: StandInContext): Promise<BureauServer> =>
  startEmbeddedPostgres({ dir: join(dir, 'postgres'), user: 'xf_owner', database: 'xinfang', settings: SETTINGS });

/** Over any PostgreSQL; tests bring one that runs already. */
export const petitionsStandInOn = (
  startServer: (context: StandInContext) => Promise<BureauServer>,
  role = 'xf_gx_reader',
): StandIn => ({
  name: 'petitions',
  latencyMs: 30,
  async open(context): Promise<StandInServer> {
    const server = await startServer(context);
    const bureau = await openBureau({
      url: server.url,
      countyDir: context.countyDir,
      role,
      password: context.secret,
    }).catch(async (error: unknown) => {
      await server.stop();
      throw error;
    });
    const proxy = createProxy({
      context,
      target: () => {
        const { hostname, port } = new URL(server.url);
        return { host: hostname, port: Number(port || 5432) };
      },
    });
    return {
      connection: {
        database: decodeURIComponent(new URL(server.url).pathname.slice(1)),
        user: role,
        password: context.secret,
      },
      listen: (port) => proxy.listen(port),
      unlisten: () => proxy.unlisten(),
      change: (request) => bureau.change(request),
      async close() {
        await proxy.unlisten();
        await bureau.close();
        await server.stop();
      },
    };
  },
});

export const petitionsStandIn = petitionsStandInOn(ownServer);
