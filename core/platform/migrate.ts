/** Brings a database to the schema of this code: `schema/sql/NNNN_name.sql`, in order, each once, never back. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Db, Queryable } from './db.ts';
import { AppError } from './errors.ts';
import { projectRoot } from './project-root.ts';

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sha256: string;
  readonly sql: string;
}

export interface AppliedMigration {
  readonly number: number;
  readonly name: string;
  readonly sha256: string;
}

export const migrationFolder: string = join(projectRoot, 'schema', 'sql');

const FILE = /^(\d{4})_([a-z0-9_]+)\.sql$/;

export function readMigrations(folder: string = migrationFolder): Migration[] {
  const migrations = readdirSync(folder)
    .flatMap((file) => {
      const [, number, name] = FILE.exec(file) ?? [];
      if (number === undefined || name === undefined) return [];
      const sql = readFileSync(join(folder, file), 'utf8');
      return [{ number: Number(number), name, sha256: createHash('sha256').update(sql).digest('hex'), sql }];
    })
    .sort((a, b) => a.number - b.number);
  migrations.forEach(({ number }, index) => {
    if (number !== index + 1)
      throw new AppError('INTERNAL', `Migration ${index + 1} is missing, or there are two of a number, in ${folder}.`);
  });
  return migrations;
}

export const migrationTable = `create table if not exists migration (
  number     integer primary key,
  name       text not null,
  sha256     text not null,
  applied_at timestamptz not null default now()
)`;

export async function appliedMigrations(db: Queryable): Promise<AppliedMigration[]> {
  const { known } = await db.one<{ known: boolean }>("select to_regclass('migration') is not null as known");
  return known ? db.query<AppliedMigration>('select number, name, sha256 from migration order by number') : [];
}

/** Refuses a database that is newer than the code, or that was made from other files than these. */
export function pendingMigrations(migrations: readonly Migration[], applied: readonly AppliedMigration[]): Migration[] {
  for (const { number, name, sha256 } of applied) {
    const file = migrations.find((migration) => migration.number === number);
    const label = `${String(number).padStart(4, '0')}_${name}.sql`;
    if (file === undefined && number > migrations.length)
      throw new AppError(
        'INTERNAL',
        `The database is newer than this program: it has ${label}. Run the newer program.`,
      );
    if (file?.name !== name)
      throw new AppError('INTERNAL', `The database was made with ${label}, which is missing here.`);
    if (file.sha256 !== sha256)
      throw new AppError('INTERNAL', `${label} was changed after it had been applied; put it back and add a new file.`);
  }
  return migrations.filter(({ number }) => number > applied.length);
}

/** Held by whoever changes the schema. */
export const migrationLock = 'maplebridge.migrate';

/** Returns the labels of what it applied. Several programs starting at once wait for each other. */
export async function migrate(db: Db, folder: string = migrationFolder): Promise<string[]> {
  const migrations = readMigrations(folder);
  return db.withAdvisoryLock(migrationLock, async () => {
    await db.query(migrationTable);
    const done: string[] = [];
    for (const migration of pendingMigrations(migrations, await appliedMigrations(db))) {
      // Crash here: the file's effects and its row were stored together or not at all; the next start goes on.
      await db.tx((tx) => applyMigration(tx, migration));
      done.push(`${String(migration.number).padStart(4, '0')}_${migration.name}`);
    }
    return done;
  });
}

/** In the transaction of the caller. */
export async function applyMigration(tx: Queryable, { number, name, sha256, sql }: Migration): Promise<void> {
  try {
    await tx.query(sql);
  } catch (error) {
    throw new AppError('INTERNAL', `Migration ${String(number).padStart(4, '0')}_${name}.sql failed.`, {
      cause: error,
    });
  }
  await tx.query('insert into migration (number, name, sha256) values ($1, $2, $3)', [number, name, sha256]);
}
