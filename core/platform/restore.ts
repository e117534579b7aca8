/** The way back of backup.ts. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { BackupReader, damaged, FORMAT, KEYS_FORMAT, Manifest, TableEnd } from './backup-format.ts';
import { dropLaterKeys, keysFileFor, refuseOlderKeys } from './backup-keys.ts';
import { toFileFault, withSession, type BackupSummary, type Session } from './backup-session.ts';
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
import { makePartition, refuseUnlessEmpty, takeForeignKeys } from './restore-schema.ts';

const quoted = pg.escapeIdentifier;

export interface RestoreOptions {
  readonly url: string;
  readonly file: string;
  /** The file of data keys: by default the one beside the backup. */
  readonly keys?: string;
  readonly migrations?: string;
  /** At the end, before anything is committed: brings what was restored in line with the keys that came with it. */
  readonly settle?: (sql: Queryable) => Promise<void>;
}

interface OpenFile {
  readonly reader: BackupReader;
  readonly manifest: Manifest;
}

/** Opens a file, with its manifest read, for as long as `fn` runs. Faults of the file name it. */
async function withFile<T>(file: string, format: string, fn: (open: OpenFile) => Promise<T>): Promise<T> {
  const source = createReadStream(file);
  const unzipped = createGunzip();
  // Faults of the file surface where `unzipped` is read.
  const feeding = pipeline(source, unzipped).catch(() => undefined);
  try {
    const reader = new BackupReader(unzipped);
    if ((await reader.line()) !== format)
      throw new AppError(
        'BAD_USER_INPUT',
        `${file} is not a ${format === FORMAT ? 'backup' : 'file of keys'} of Maplebridge.`,
      );
    return await fn({ reader, manifest: await reader.json(Manifest) });
  } catch (error) {
    throw toFileFault(error, file);
  } finally {
    source.destroy();
    unzipped.destroy();
    await feeding;
  }
}

/**
 * Into an empty database, all or nothing. A backup of an older release is brought to the schema of this one; one of a newer
 * release is refused, and a file of keys that is older than the backup.
 */
export async function restore(options: RestoreOptions): Promise<BackupSummary> {
  const file = resolve(options.file);
  const migrations = readMigrations(options.migrations ?? migrationFolder);
  return withFile(file, FORMAT, async (data) => {
    const later = pendingMigrations(migrations, data.manifest.migrations);
    const keysFile = keysFileFor(file, options.keys, data.manifest);
    const fill = (keys: OpenFile | null): Promise<BackupSummary> =>
      withSession(options.url, async (session) => {
        const { sql } = session;
        await sql.query('begin');
        await sql.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [migrationLock]);
        await refuseUnlessEmpty(sql);
        await sql.query(migrationTable);
        for (const migration of migrations) if (!later.includes(migration)) await applyMigration(sql, migration);
        for (const partition of data.manifest.partitions) await makePartition(sql, partition);

        const foreignKeys = await takeForeignKeys(sql);
        let rows = await readTables(session, data);
        for (const { name, value, called } of data.manifest.sequences)
          await sql.query('select setval($1, $2, $3)', [quoted(name), value, called]);
        for (const statement of foreignKeys) await sql.query(statement);
        for (const migration of later) await applyMigration(sql, migration);
        if (keys) {
          rows += await readTables(session, keys);
          await dropLaterKeys(sql, data.manifest);
        }
        await options.settle?.(sql);
        await sql.query('commit');
        // The planner knows nothing of what came by COPY.
        await sql.query('analyze');
        return {
          tables: data.manifest.tables.length + (keys?.manifest.tables.length ?? 0),
          rows,
          migrations: data.manifest.migrations.map(({ number }) => number),
        };
      });
    if (keysFile === null) return fill(null);
    return withFile(keysFile, KEYS_FORMAT, async (keys) => {
      refuseOlderKeys(data.manifest, keys.manifest);
      // One of a newer release may hold what this one has no place for.
      pendingMigrations(migrations, keys.manifest.migrations);
      return fill(keys);
    });
  });
}

/** All rows of a file into their tables; how many. */
async function readTables({ client, sql }: Session, { reader, manifest }: OpenFile): Promise<number> {
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
  return rows;
}
