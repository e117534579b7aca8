/**
 * PostgreSQL with nothing to install: the server of an npm package, kept in one folder, shared by every Maplebridge process
 * that names this folder. It outlives a process that is killed; the next one adopts it. The last to stop turns off the light.
 */
import { closeSync, existsSync, fstatSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { AppError } from '../errors.ts';
import { readSince, toFolderFault, toServerFault } from './fault.ts';
import { withFolderLock } from './folder-lock.ts';
import { makeFolder, portOf, prepare, type Installation } from './installation.ts';
import { connect, isPlausible, readPostmasterPid, serves, type Login } from './postmaster.ts';
import { isRunning } from './process-facts.ts';
import { hereOr } from './run-as.ts';

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

/** For a small machine. Statements and the details of errors are kept out of the log: they quote people's data. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '128MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

const PATIENCE_MS = 10_000;
/** Replaying the log after a crash may take this long. */
const RECOVERY_MS = 300_000;
const LOG_LIMIT = 10 * 1024 * 1024;

/** Missing in the type, documented in pg: whether an open connection keeps the program alive. */
type Presence = pg.Client & { ref(): void; unref(): void };

interface Running {
  readonly pid: number;
  readonly port: number;
  readonly adopted: boolean;
  /** A connection held for as long as this process uses the server: by it others see us, and by it we see the server die. */
  readonly presence: Presence;
}

const isStarting = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === '57P03';
const isRefused = (error: unknown): boolean => error instanceof pg.DatabaseError && (error.code ?? '').startsWith('28');

type Ask = Omit<Login, 'port'>;

/** Connects to the server named by postmaster.pid; null when there is none and one has to be started. */
async function adopt({ data, dir }: Installation, login: Ask): Promise<Running | null> {
  const began = performance.now();
  for (;;) {
    const postmaster = readPostmasterPid(data);
    // Of a dead process: PostgreSQL itself sees to what it left, with better means than ours.
    if (postmaster === null || !isRunning(postmaster.pid)) return null;
    if (!isPlausible(data, postmaster)) {
      // The number belongs to another program now; PostgreSQL would take that for a running server and refuse.
      rmSync(join(data, 'postmaster.pid'), { force: true });
      return null;
    }
    let starting = false;
    if (postmaster.port !== null) {
      try {
        const presence = (await connect({ ...login, port: postmaster.port })) as Presence;
        if (await serves(presence, data))
          return { pid: postmaster.pid, port: postmaster.port, adopted: true, presence };
        await presence.end();
      } catch (error) {
        if (isRefused(error))
          throw new AppError(
            'INTERNAL',
            `The database in ${dir} does not accept the password in ${join(dir, 'password')}.`,
          );
        starting = isStarting(error);
      }
    }
    if (performance.now() - began > (starting ? RECOVERY_MS : PATIENCE_MS))
      throw new AppError('INTERNAL', `A PostgreSQL (process ${postmaster.pid}) holds ${dir} but does not answer.`);
    await delay(50);
  }
}

/** Starts a server; null when it gave up for a reason that passes. */
async function launch(
  installation: Installation,
  login: Ask,
  settings: Readonly<Record<string, string>>,
  port: number,
): Promise<Running | null> {
  const { data, dir, log, as, programs } = installation;
  if (existsSync(log) && statSync(log).size > LOG_LIMIT) renameSync(log, `${log}.1`);
  const fd = openSync(log, 'a', 0o600);
  const offset = fstatSync(fd).size;
  const args = Object.entries({ ...SETTINGS, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // Detached: Ctrl-C in the terminal is for us; we stop the server when our own work with it has ended.
  const server = as.spawn(join(programs, 'bin', 'postgres'), ['-D', hereOr(data), '-p', String(port), ...args], {
    cwd: data,
    stdio: ['ignore', fd, fd],
    detached: true,
  });
  closeSync(fd);
  let ended: { error?: unknown } | null = null;
  server.once('error', (error) => (ended = { error }));
  server.once('exit', () => (ended = {}));
  server.unref();
  const over = (): { error?: unknown } | null => ended;
  const began = performance.now();
  for (;;) {
    const end = over();
    if (end?.error !== undefined) throw end.error;
    if (end !== null) {
      const said = readSince(log, offset);
      // Taken between our look and its; or what a killed server left is not quite gone.
      if (/Address already in use|lock file .* already exists|shared memory block .* still in use/.test(said))
        return null;
      throw toServerFault(said, dir, log);
    }
    let starting = false;
    try {
      const presence = (await connect({ ...login, port })) as Presence;
      if (over() === null && (await serves(presence, data)))
        return { pid: server.pid as number, port, adopted: false, presence };
      await presence.end();
    } catch (error) {
      starting = isStarting(error);
    }
    if (performance.now() - began > (starting ? RECOVERY_MS : PATIENCE_MS * 3)) {
      server.kill('SIGQUIT');
      throw toServerFault(readSince(log, offset), dir, log);
    }
    await delay(25);
  }
}

async function createDatabase(client: pg.Client, name: string): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
  if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
}

const others = async ({ presence }: Running): Promise<number> => {
  const { rows } = await presence.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
      where pid <> pg_backend_pid() and application_name like 'maplebridge:%'
        and (split_part(application_name, ':', 2) <> $1 or application_name like '%:keeper')`,
    [String(process.pid)],
  );
  return rows[0]?.count ?? 0;
};

async function shutDown({ as, dir }: Installation, pid: number): Promise<void> {
  const signal = (name: 'INT' | 'QUIT'): void => {
    try {
      process.kill(pid, `SIG${name}`);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPERM') as.runs('kill', [`-${name}`, String(pid)]);
      else if (code !== 'ESRCH') throw error;
    }
  };
  const gone = async (ms: number): Promise<boolean> => {
    const until = performance.now() + ms;
    while (isRunning(pid) && performance.now() < until) await delay(20);
    return !isRunning(pid);
  };
  signal('INT');
  if (await gone(60_000)) return;
  signal('QUIT');
  if (!(await gone(10_000))) throw new AppError('INTERNAL', `PostgreSQL (process ${pid}) in ${dir} does not stop.`);
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
      const count = await others(running).catch(() => 0);
      await running.presence.end();
      if (count > 0) log?.info({ others: count }, 'PostgreSQL is left to the processes that still use it');
      else {
        const postmaster = readPostmasterPid(installation.data);
        if (postmaster !== null && isPlausible(installation.data, postmaster))
          await shutDown(installation, postmaster.pid);
      }
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
