/** postmaster.pid, and whether the server it names is really the one that serves this folder. */
import { randomInt } from 'node:crypto';
import { readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { isRunning, programOf, startedAt } from './process-facts.ts';

export interface PostmasterPid {
  readonly pid: number;
  readonly startedAt: number;
  readonly port: number | null;
}

export function readPostmasterPid(data: string): PostmasterPid | null {
  let lines: string[];
  try {
    lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const [pid, , at, port] = lines.map(Number);
  // Empty for an instant while it is being written.
  if (!pid) return null;
  return { pid: Math.abs(pid), startedAt: at ?? 0, port: port || null };
}

/** A process of that number runs, and nothing says that it is another program which got the number later. */
export function isPlausible(data: string, postmaster: PostmasterPid): boolean {
  if (!isRunning(postmaster.pid)) return false;
  const program = programOf(postmaster.pid);
  if (program !== null && !/postgres/.test(program)) return false;
  try {
    const [its, ours] = [statSync(`/proc/${postmaster.pid}/cwd`), statSync(data)];
    return its.dev === ours.dev && its.ino === ours.ino;
  } catch {
    // Not Linux, or not ours to look into. Its start tells: PostgreSQL writes the file within a second of it.
    const at = startedAt(postmaster.pid);
    return at === null || Math.abs(at - postmaster.startedAt) < 10;
  }
}

export interface Login {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly applicationName: string;
}

/** Missing in the type, documented in pg: whether an open connection keeps the program alive. */
export type Presence = pg.Client & { ref(): void; unref(): void };

export async function connect(login: Login): Promise<Presence> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: login.port,
    user: login.user,
    password: login.password,
    database: 'postgres',
    application_name: login.applicationName,
    connectionTimeoutMillis: 2_000,
    keepAlive: true,
  }) as Presence;
  // Breaking connections are noticed by 'end'; without a listener an error would end the process.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/**
 * Whether the server at the other end serves the folder `data`: a file there gets a random time, and the server is asked for
 * it. A copied installation has the same password, port and pid file, so none of those would tell.
 */
export async function serves(client: pg.Client, data: string): Promise<boolean> {
  const seconds = randomInt(1_000_000_000, 1_700_000_000);
  utimesSync(join(data, 'PG_VERSION'), seconds, seconds);
  const { rows } = await client.query<{ at: string }>(
    "select extract(epoch from (pg_stat_file('PG_VERSION')).modification)::bigint::text as at",
  );
  return rows[0]?.at === String(seconds);
}
