/** Once per run of the tests: a server (the one of DATABASE_URL, else the embedded one in a folder of its own) for `createTestDatabase`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../core/platform/embedded-postgres/embedded-postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly databaseUrl: string;
    /** Different for every run, so that two at once on one server do not meet. */
    readonly runId: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const runId = `${process.pid}_${Date.now().toString(36)}`;
  project.provide('runId', runId);
  const given = process.env['DATABASE_URL'];
  if (given) {
    // Taken out of the environment: what the tests start must not use it by itself.
    project.provide('databaseUrl', given);
    delete process.env['DATABASE_URL'];
    return () => dropTemplate(given, runId);
  }
  const dir = mkdtempSync(join(tmpdir(), 'maplebridge-test-'));
  const server = await startEmbeddedPostgres({
    dir,
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  });
  project.provide('databaseUrl', server.url);
  return async () => {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  };
}

async function dropTemplate(url: string, runId: string): Promise<void> {
  const { createDb } = await import('../../core/platform/db.ts');
  const db = createDb({ url, max: 1 });
  await db.query(`drop database if exists maplebridge_template_${runId} with (force)`);
  await db.close();
}
