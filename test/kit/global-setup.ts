/** Once per run of the tests: a server (the one of DATABASE_URL, else the embedded one in a folder of its own) for `createTestDatabase`. */
import { mkdtempSync, readdirSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestProject } from 'vitest/node';
import { createDb } from '../../core/platform/db.ts';
import { startEmbeddedPostgres } from '../../core/platform/embedded-postgres/embedded-postgres.ts';
import { isPlausible, readPostmasterPid } from '../../core/platform/embedded-postgres/postmaster.ts';
import { isRunning } from '../../core/platform/embedded-postgres/process-facts.ts';
import { redisMissing } from './redis-program.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly databaseUrl: string;
    /** Different for every run, so that two at once on one server do not meet. */
    readonly runId: string;
  }
}

const FOLDER = 'maplebridge-test-';
// A test holds 300 transactions open at once.
const settings = {
  ...{ fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '500' },
  // Room in memory; nobody reads the log again.
  max_wal_size: '256MB',
};

const MEMORY = '/dev/shm';
const MOST_BYTES = 2 * 1024 ** 3;

/**
 * In memory where there is room: every database is four hundred files, and making them on a disk takes ten times as long as all that
 * is then asked of most of them.
 */
function placeForServers(): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= MOST_BYTES ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** Whoever is still connected: test workers end after this. */
async function remove(dir: string): Promise<void> {
  const data = join(dir, 'data');
  const postmaster = readPostmasterPid(data);
  if (postmaster !== null && isPlausible(data, postmaster)) {
    process.kill(postmaster.pid, 'SIGQUIT');
    while (isRunning(postmaster.pid)) await delay(20);
  }
  rmSync(dir, { recursive: true, force: true });
}

/** A run that was killed leaves its server running. */
async function removeAbandoned(place: string): Promise<void> {
  for (const name of readdirSync(place)) {
    const [, pid] = /^maplebridge-test-(\d+)-/.exec(name) ?? [];
    if (pid === undefined || isRunning(Number(pid))) continue;
    const dir = join(place, `maplebridge-abandoned-${process.pid}-${pid}`);
    try {
      // Whoever renames it first does the work.
      renameSync(join(place, name), dir);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw error;
    }
    await remove(dir);
  }
}

/** Said before the first test and after the last: nobody shall believe that what was skipped was tested. */
function sayWhatIsSkipped(): void {
  const skipped = [
    process.env['REDIS_URL'] ? null : 'REDIS_URL is not set: queues and the cache are NOT tested on Redis',
    process.env['TEST_POSTGRES'] ? null : 'DATABASE_URL is not set: everything runs on the embedded PostgreSQL only',
    redisMissing && 'redis-server is not installed: Cluster, Sentinel and a change of backend are NOT tested',
  ].filter((line) => line !== null);
  if (skipped.length === 0) return;
  console.warn(
    `\n  ⚠ SKIPPED  ${skipped.join('\n  ⚠ SKIPPED  ')}\n  npm run test:servers runs them on Debian’s servers.\n`,
  );
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  sayWhatIsSkipped();
  const leave = await provideServer(project);
  return async () => {
    await leave();
    sayWhatIsSkipped();
  };
}

async function provideServer(project: TestProject): Promise<() => Promise<void>> {
  const runId = `${process.pid}_${Date.now().toString(36)}`;
  project.provide('runId', runId);
  const given = process.env['DATABASE_URL'];
  if (given) {
    // Taken out of the environment: what the tests start must not use it by itself.
    project.provide('databaseUrl', given);
    delete process.env['DATABASE_URL'];
    return () => dropTemplate(given, runId);
  }
  const place = placeForServers();
  for (const each of new Set([place, tmpdir()])) await removeAbandoned(each);
  const dir = mkdtempSync(join(place, `${FOLDER}${process.pid}-`));
  const server = await startEmbeddedPostgres({ dir, settings });
  project.provide('databaseUrl', server.url);
  return async () => {
    await server.stop();
    await remove(dir);
  };
}

async function dropTemplate(url: string, runId: string): Promise<void> {
  const db = createDb({ url, max: 1 });
  for (const suffix of ['', '_new'])
    await db.query(`drop database if exists maplebridge_template_${runId}${suffix} with (force)`);
  await db.close();
}
