/**
 * PostgreSQL with nothing to install: the server of an npm package, kept in one folder, shared by every Maplebridge process
 * that names this folder. It outlives a process that is killed; the next one adopts it. The last to stop turns off the light.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { toFolderFault, toServerFault } from './fault.ts';
import { withFolderLock } from './folder-lock.ts';
import { makeFolder, portOf, prepare, type Installation } from './installation.ts';
import type { Presence } from './postmaster.ts';
import { isRunning } from './process-facts.ts';
import { adopt, launch, PATIENCE_MS, shutDown, type Running } from './server.ts';

export interface EmbeddedPostgresOptions {
  /** Folder of the installation, such as `.maplebridge/postgres`; made when missing. */
  readonly dir: string;
  readonly user?: string;
  readonly database?: string;
  /** Server settings in addition to ours, for instance `{ fsync: 'off' }` in tests. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly log?: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

export interface EmbeddedPostgres {
  /** With the password: not for logs. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** True when the server was running already. */
  readonly adopted: boolean;
  /** Stops the server unless another Maplebridge process still uses it. */
  stop(): Promise<void>;
}

/** Connections that were closed a moment ago are still listed; two processes ending together must not each wait for the other. */
const LEAVING_MS = 500;

async function createDatabase(client: Presence, name: string): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
  if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
}

/** Whether other Maplebridge processes, or other users of the server in this one, are connected. */
async function isShared({ presence }: Running): Promise<boolean> {
  const until = performance.now() + LEAVING_MS;
  for (;;) {
    const { rows } = await presence.query<{ pid: number }>(
      `select distinct split_part(application_name, ':', 2)::int as pid from pg_stat_activity
        where pid <> pg_backend_pid() and application_name ~ '^maplebridge:[0-9]{1,9}(:|$)'
          and (split_part(application_name, ':', 2) <> $1 or application_name like '%:keeper')`,
      [String(process.pid)],
    );
    if (!rows.some(({ pid }) => isRunning(pid))) return false;
    if (performance.now() > until) return true;
    await delay(50);
  }
}

export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { user = 'maplebridge', database = 'maplebridge', settings = {}, log } = options;
  const applicationName = `maplebridge:${process.pid}:keeper`;
  let dir = options.dir;

  /** Adopts or starts, under the lock. After the first time the port must stay: pools in this process know it. */
  const ensure = (portMayChange: boolean): Promise<[Running, Installation]> =>
    withFolderLock(dir, async (): Promise<[Running, Installation]> => {
      const installation = await prepare(dir, user, settings['fsync'] !== 'off');
      const login = { user, password: installation.password, applicationName };
      const until = performance.now() + PATIENCE_MS;
      for (;;) {
        let running = await adopt(installation, login);
        running ??= await launch(installation, login, settings, await portOf(dir, { mayChange: portMayChange }));
        if (running !== null) {
          await createDatabase(running.presence, database);
          return [running, installation];
        }
        if (performance.now() > until) throw toServerFault('', dir, installation.log);
        await delay(100);
      }
    }).catch((error: unknown) => {
      throw toFolderFault(error, dir);
    });

  let running: Running;
  let installation: Installation;
  let stopping: Promise<void> | null = null;
  let recovery: Promise<void> = Promise.resolve();

  const watch = (): void => {
    running.presence.unref();
    running.presence.once('end', () => {
      if (stopping === null) recovery = recover();
    });
  };

  const recover = async (): Promise<void> => {
    log?.warn({ pid: running.pid }, 'PostgreSQL went away; starting it again');
    for (let wait = 100; stopping === null; wait = Math.min(wait * 2, 10_000)) {
      try {
        [running, installation] = await ensure(false);
        log?.info({ pid: running.pid }, 'PostgreSQL is back');
        watch();
        return;
      } catch (error) {
        log?.warn({ reason: (error as Error).message }, 'PostgreSQL could not be started again; trying on');
        await delay(wait, undefined, { ref: false });
      }
    }
  };

  try {
    dir = makeFolder(dir);
  } catch (error) {
    throw toFolderFault(error, dir);
  }
  [running, installation] = await ensure(true);
  watch();
  log?.info({ pid: running.pid, port: running.port, adopted: running.adopted }, 'PostgreSQL is running');

  const stop = async (): Promise<void> => {
    await recovery;
    running.presence.ref();
    await withFolderLock(dir, async () => {
      // Without our own connection nobody can be asked; then the server is down or going down.
      const shared = await isShared(running).catch(() => false);
      await running.presence.end();
      if (shared) log?.info({ pid: running.pid }, 'PostgreSQL is left to the processes that still use it');
      else await shutDown(installation);
    });
  };

  return {
    get url() {
      return `postgres://${user}:${installation.password}@127.0.0.1:${running.port}/${encodeURIComponent(database)}`;
    },
    get port() {
      return running.port;
    },
    get pid() {
      return running.pid;
    },
    adopted: running.adopted,
    stop: () => (stopping ??= stop()),
  };
}
