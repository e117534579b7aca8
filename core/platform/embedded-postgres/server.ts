/** One server process: found running, started, stopped. */
import { closeSync, existsSync, fstatSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { AppError } from '../errors.ts';
import { readSince, toServerFault } from './fault.ts';
import type { Installation } from './installation.ts';
import { connect, isPlausible, readPostmasterPid, serves, type Login, type Presence } from './postmaster.ts';
import { isRunning } from './process-facts.ts';
import { hereOr } from './run-as.ts';

const MIB = 1024 * 1024;
/** Of the machine, or of the part of it that a container may use: 0 where there is no such limit. */
const memory = Math.min(totalmem(), process.constrainedMemory() || Infinity);

/** A quarter, as PostgreSQL's own manual advises: what a county's index needs to stay there. Only what is used is taken. */
const sharedBuffers = Math.round(Math.min(8_192 * MIB, Math.max(128 * MIB, memory / 4)) / MIB);

/** For a small machine. Statements and the details of errors are kept out of the log: they quote people's data. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: `${sharedBuffers}MB`,
  // Every checkpoint has each page written whole into the log once more: during a first load they would follow one another.
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  wal_level: 'minimal',
  max_wal_senders: '0',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

/** What a killed server leaves is gone by then. */
export const PATIENCE_MS = 10_000;
/** Replaying the log after a crash may take this long. */
const RECOVERY_MS = 300_000;
const LOG_LIMIT = 10 * 1024 * 1024;

export interface Running {
  readonly pid: number;
  readonly port: number;
  readonly adopted: boolean;
  /** A connection held for as long as this process uses the server: by it others see us, and by it we see the server die. */
  readonly presence: Presence;
}

const isStarting = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === '57P03';
const isRefused = (error: unknown): boolean => error instanceof pg.DatabaseError && (error.code ?? '').startsWith('28');

/** Who signs in; the port is found out here. */
export type Ask = Omit<Login, 'port'>;

/** Connects to the server named by postmaster.pid; null when there is none and one has to be started. */
export async function adopt({ data, dir }: Installation, login: Ask): Promise<Running | null> {
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
        const presence = await connect({ ...login, port: postmaster.port });
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
export async function launch(
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
  let ended: { error?: Error } | null = null;
  server.once('error', (error) => (ended = { error }));
  server.once('exit', () => (ended = {}));
  server.unref();
  const over = (): { error?: Error } | null => ended;
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
      const presence = await connect({ ...login, port });
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

/** Stops the server of this folder, if one runs: fast, and at once if that takes a minute. */
export async function shutDown({ as, data, dir }: Installation): Promise<void> {
  const postmaster = readPostmasterPid(data);
  if (postmaster === null || !isPlausible(data, postmaster)) return;
  const { pid } = postmaster;
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
