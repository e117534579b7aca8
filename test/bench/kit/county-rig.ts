/** A made-up county with its four systems running as programs of their own, and the embedded PostgreSQL. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoFolders } from '../../../cli/demo-config.ts';
import { loadConfig, type Config } from '../../../core/platform/config.ts';
import { createDb, type Db } from '../../../core/platform/db.ts';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../../core/platform/embedded-postgres/embedded-postgres.ts';
import { loadKeyring } from '../../../core/platform/key-folder.ts';
import type { Keyring } from '../../../core/platform/keyring.ts';
import { departmentNames, type CountySummary, type DepartmentName } from '../../../demo/county/model.ts';
import { ensureCounty } from '../../../demo/county/write-county.ts';
import type { RunningDepartment } from '../../../demo/departments/kit/open.ts';
import { startDepartment } from '../../../demo/departments/kit/start.ts';
import { milliseconds, say, seconds, whole } from './figures.ts';
import { cpuOfFamily } from './proc.ts';

export interface CountyRig {
  readonly county: CountySummary;
  readonly countyDir: string;
  readonly config: Config;
  /** For a program that works on this county. */
  readonly env: Readonly<Record<string, string>>;
  readonly keyring: Keyring;
  /** Over a server that may be replaced by `freshDatabase`. */
  db(): Db;
  /** As on the first day: everything the centre keeps is gone; the departments, and the centre's keys, are as they were. */
  freshDatabase(): Promise<void>;
  /** Of the database server and all its sessions that have ended; null where the system does not tell. */
  databaseCpuMs(): number | null;
  department(name: DepartmentName): RunningDepartment;
  close(): Promise<void>;
}

export interface RigOptions {
  readonly people: number;
  readonly seed: number;
  /** Kept, and used again; otherwise a folder of its own that is removed. */
  readonly keep: string | undefined;
  /** Median milliseconds instead of what such systems take. */
  readonly latencyMs?: number | undefined;
}

export const mentionsOf = ({ mentions }: CountySummary): number =>
  departmentNames.reduce((sum, name) => sum + mentions[name], 0);
export const recordsOf = ({ rows }: CountySummary): number =>
  departmentNames.reduce((sum, name) => sum + rows[name], 0);

export async function openCountyRig({ people, seed, keep, latencyMs }: RigOptions): Promise<CountyRig> {
  const folder =
    keep === undefined ? mkdtempSync(join(tmpdir(), 'maplebridge-bench-')) : join(keep, `${people}-${seed}`);
  // As in production nothing is said while all is well; the demo's log would be read by nobody.
  const env = { MAPLEBRIDGE_DATA: folder, MAPLEBRIDGE_DEMO: 'on', PORT: '0', LOG_LEVEL: 'warn' };
  const config = loadConfig(env);
  const folders = demoFolders(config);
  const began = performance.now();
  const county = await ensureCounty({ people, seed, dir: folders.county });
  say(
    `County of ${whole(people)} people (seed ${seed}): ${whole(recordsOf(county))} records, ${whole(mentionsOf(county))} ` +
      `person-records; made in ${seconds(performance.now() - began)}`,
  );
  // The bureau's rows as the county has them: an earlier bench has changed some.
  rmSync(join(folders.departments, 'petitions'), { recursive: true, force: true });
  const running = new Map<DepartmentName, RunningDepartment>();
  let server: EmbeddedPostgres | undefined;
  let db: Db | undefined;

  const openDatabase = async (): Promise<void> => {
    server = await startEmbeddedPostgres({ dir: join(config.dataFolder, 'postgres') });
    db = createDb({ url: server.url, max: 4 });
  };
  const closeDatabase = async (): Promise<void> => {
    await db?.close();
    await server?.stop();
    [db, server] = [undefined, undefined];
  };
  const close = async (): Promise<void> => {
    await closeDatabase();
    await Promise.all([...running.values()].map((department) => department.stop()));
    if (keep === undefined) rmSync(folder, { recursive: true, force: true });
  };

  try {
    const options = { dir: folders.departments, countyDir: folders.county, latencyMs };
    await Promise.all(
      departmentNames.map(async (name) => {
        const started = performance.now();
        running.set(name, await startDepartment(name, options));
        say(`  ${name} runs after ${milliseconds(performance.now() - started)}`);
      }),
    );
    await openDatabase();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    county,
    countyDir: folders.county,
    config,
    env,
    keyring: loadKeyring(config.keysFolder, { create: config.createKeys }),
    db() {
      if (!db) throw new Error('The database is closed.');
      return db;
    },
    async freshDatabase() {
      await closeDatabase();
      rmSync(join(config.dataFolder, 'postgres'), { recursive: true, force: true });
      await openDatabase();
    },
    databaseCpuMs: () => (server ? cpuOfFamily(server.pid) : null),
    department(name) {
      const department = running.get(name);
      if (!department) throw new Error(`There is no ${name}.`);
      return department;
    },
    close,
  };
}
