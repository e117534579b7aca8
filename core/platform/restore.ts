/** The way back of backup.ts. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { BackupReader, damaged, FORMAT, Manifest, TableEnd } from './backup-format.ts';
import { IN_SCHEMA, toFileFault, withSession, type BackupSummary } from './backup-session.ts';
import type { Queryable } from './db.ts';
import { AppError } from './errors.ts';
import {
  applyMigration,
  migrationFolder,
  migrationLock,
  migrationTable,
  pendingMigrations,
  readMigrations,
} from './migrate.ts';

const quoted = pg.escapeIdentifier;

/**
 * Into an empty database, all or nothing. A backup of an older release is brought to the schema of this one; one of a newer
 * release is refused.
 */
export async function restore(options: {
  readonly url: string;
  readonly file: string;
  readonly migrations?: string;
}): Promise<BackupSummary> {
  const file = resolve(options.file);
  const migrations = readMigrations(options.migrations ?? migrationFolder);
  const source = createReadStream(file);
  const unzipped = createGunzip();
  // Faults of the file surface where `unzipped` is read.
  const feeding = pipeline(source, unzipped).catch(() => undefined);
  try {
    const reader = new BackupReader(unzipped);
    if ((await reader.line()) !== FORMAT)
      throw new AppError('BAD_USER_INPUT', `${file} is not a backup of Maplebridge.`);
    const manifest = await reader.json(Manifest);
    const later = pendingMigrations(migrations, manifest.migrations);

    return await withSession(options.url, async ({ client, sql }) => {
      await sql.query('begin');
      await sql.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [migrationLock]);
      await refuseUnlessEmpty(sql);
      await sql.query(migrationTable);
      for (const migration of migrations) if (!later.includes(migration)) await applyMigration(sql, migration);
      for (const { name, parent, bound } of manifest.partitions) await makePartition(sql, name, parent, bound);

      const foreignKeys = await takeForeignKeys(sql);
      // What migrations put into tables is in the backup too, perhaps changed since.
      const names = manifest.tables.map(({ name }) => quoted(name));
      if (names.length > 0) await sql.query(`truncate ${names.join(', ')}`);
      let rows = 0;
      for (const { name, columns } of manifest.tables) {
        if ((await reader.line()) !== name) throw damaged('tables are out of order');
        const hash = createHash('sha256');
        await sql.query(`alter table ${quoted(name)} disable trigger user`);
        const copy = client.query(copyFrom(`copy ${quoted(name)} (${columns.map(quoted).join(', ')}) from stdin`));
        await pipeline(Readable.from(reader.rows(hash), { objectMode: false }), copy);
        await sql.query(`alter table ${quoted(name)} enable trigger user`);
        const end = await reader.json(TableEnd);
        if (end.sha256 !== hash.digest('hex') || end.rows !== copy.rowCount)
          throw damaged(`table ${name} differs from its digest`);
        rows += end.rows;
      }
      await reader.end();
      for (const { name, value, called } of manifest.sequences)
        await sql.query('select setval($1, $2, $3)', [quoted(name), value, called]);
      for (const statement of foreignKeys) await sql.query(statement);
      for (const migration of later) await applyMigration(sql, migration);
      await sql.query('commit');
      // The planner knows nothing of what came by COPY.
      await sql.query('analyze');
      return { tables: manifest.tables.length, rows, migrations: manifest.migrations.map(({ number }) => number) };
    });
  } catch (error) {
    throw toFileFault(error, file);
  } finally {
    source.destroy();
    unzipped.destroy();
    await feeding;
  }
}

async function refuseUnlessEmpty(sql: Queryable): Promise<void> {
  const rows = await sql.query<{ name: string }>(
    `select c.relname as name from pg_class c ${IN_SCHEMA}
      where c.relkind in ('r', 'p', 'v', 'm', 'S')
        and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e') limit 1`,
  );
  if (rows.length > 0)
    throw new AppError('CONFLICT', 'The database is not empty: restore into a new one. Nothing was changed.');
}

async function makePartition(sql: Queryable, name: string, parent: string, bound: string): Promise<void> {
  const { known } = await sql.one<{ known: boolean }>('select to_regclass($1) is not null as known', [quoted(name)]);
  if (!known) await sql.query(`create table ${quoted(name)} partition of ${quoted(parent)} ${bound}`);
}

/** Drops the foreign keys and returns the statements that make them again: checked once at the end, and in any order of tables. */
async function takeForeignKeys(sql: Queryable): Promise<string[]> {
  const keys = await sql.query<{ owner: string; name: string; definition: string }>(
    `select c.relname as owner, k.conname as name, pg_get_constraintdef(k.oid) as definition
       from pg_constraint k join pg_class c on c.oid = k.conrelid ${IN_SCHEMA}
      where k.contype = 'f' and k.conparentid = 0`,
  );
  for (const { owner, name } of keys) await sql.query(`alter table ${quoted(owner)} drop constraint ${quoted(name)}`);
  return keys.map(
    ({ owner, name, definition }) => `alter table ${quoted(owner)} add constraint ${quoted(name)} ${definition}`,
  );
}
