/** One installation with a made-up county for all scenarios, started as its users start it; they run one after another. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { createDb } from '../../core/platform/db.ts';
import { withDatabase } from '../kit/database-url.ts';
import { build, keepSettings, seed, start } from '../kit/installation.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly installation: { readonly dataFolder: string; readonly url: string };
  }
}

/** Enough for a page of fifty people of one name, and for somebody in every corner of the rules. */
const PEOPLE = 1_500;
const SEED = 7;

/** `npm run test:servers` names its PostgreSQL and Redis: then the installation runs on those instead of the embedded ones. */
async function useServers(dataFolder: string): Promise<() => Promise<void>> {
  const { TEST_POSTGRES: postgres, TEST_REDIS: redis } = process.env;
  if (!postgres || !redis) return () => Promise.resolve();
  const name = `scenarios_${process.pid}`;
  const db = createDb({ url: postgres, max: 1 });
  await db.query(`create database ${name}`);
  keepSettings(dataFolder, { DATABASE_URL: withDatabase(postgres, name), REDIS_URL: redis, MAPLEBRIDGE_DEMO: 'force' });
  return async () => {
    await db.query(`drop database ${name} with (force)`);
    await db.close();
  };
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'maplebridge-scenarios-'));
  const remove = (): void => rmSync(dataFolder, { recursive: true, force: true });
  let leaveServers = (): Promise<void> => Promise.resolve();
  try {
    build();
    leaveServers = await useServers(dataFolder);
    await seed(dataFolder, PEOPLE, SEED);
    const program = await start(dataFolder);
    project.provide('installation', { dataFolder, url: program.url });
    return async () => {
      await program.interrupt();
      await leaveServers();
      remove();
    };
  } catch (error) {
    await leaveServers();
    remove();
    throw error;
  }
}
