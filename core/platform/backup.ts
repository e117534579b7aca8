/**
 * Backup and restore of everything in the database, without pg_dump (the embedded PostgreSQL has none): one consistent
 * snapshot, streamed. The keys (MAPLEBRIDGE_KEYS) are not in it: without them the encrypted columns stay closed.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { BackupReader, BackupWriter, damaged, FORMAT, Manifest, TableEnd } from './backup-format.ts';
import { addressOf, queryableOver, sqlTypes, type Queryable } from './db.ts';
import { AppError } from './errors.ts';
import {
  applyMigration,
  appliedMigrations,
  migrationFolder,
  migrationLock,
  migrationTable,
  pendingMigrations,
  readMigrations,
} from './migrate.ts';
import { toAppError } from './sql-fault.ts';

export interface BackupSummary {
  readonly tables: number;
  readonly rows: number;
  /** Numbers of the migrations that the database had when the backup was made. */
  readonly migrations: readonly number[];
}

const IN_SCHEMA = 'join pg_namespace n on n.oid = c.relnamespace and n.nspname = current_schema()';

/** Ordinary and partitioned tables that hold truth (unlogged ones are caches), those that are referred to first. */
const TABLES = `
with recursive kept as (
  select c.oid, c.relname as name from pg_class c ${IN_SCHEMA}
   where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence = 'p' and c.relname <> 'migration'
), depth as (
  select oid, name, 0 as level from kept
  union
  select k.oid, k.name, d.level + 1
    from depth d join pg_constraint f on f.contype = 'f' and f.confrelid = d.oid and f.conrelid <> d.oid
    join kept k on k.oid = f.conrelid
   where d.level < 50 -- tables that refer to each other in a circle
)
select d.name, (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
                 where a.attrelid = d.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
  from depth d group by d.oid, d.name order by max(d.level), d.name collate "C"`;

const PARTITIONS = `
select c.relname as name, p.relname as parent, pg_get_expr(c.relpartbound, c.oid) as bound
  from pg_class c ${IN_SCHEMA} join pg_inherits i on i.inhrelid = c.oid join pg_class p on p.oid = i.inhparent
 where c.relispartition and c.relkind = 'r' order by c.oid`;

const SEQUENCES = `select c.relname as name from pg_class c ${IN_SCHEMA} where c.relkind = 'S' order by c.relname`;

const quoted = pg.escapeIdentifier;

interface Session {
  readonly client: pg.Client;
  readonly sql: Queryable;
}

async function withSession<T>(url: string, fn: (session: Session) => Promise<T>): Promise<T> {
  const address = addressOf(url);
  const client = new pg.Client({
    connectionString: url,
    application_name: `maplebridge:${process.pid}`,
    options: '-c timezone=UTC -c datestyle=ISO,YMD -c statement_timeout=0',
    types: sqlTypes,
  });
  // A connection that breaks fails the statement under way; without a listener it would end the process.
  client.on('error', () => undefined);
  const sql = queryableOver(async (text, values) => {
    const result: pg.QueryResult | pg.QueryResult[] = await client.query(
      text,
      values === undefined ? undefined : [...values],
    );
    return (Array.isArray(result) ? result.at(-1) : result)?.rows as object[];
  });
  try {
    await client.connect();
    return await fn({ client, sql });
  } catch (error) {
    throw error instanceof pg.DatabaseError || isNetwork(error) ? toAppError(error, address) : error;
  } finally {
    // Ending the session rolls back what was not committed.
    await client.end();
  }
}

const isNetwork = (error: unknown): boolean =>
  error instanceof Error &&
  (/^Connection terminated/.test(error.message) ||
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? ''));

async function readManifest(sql: Queryable): Promise<Manifest> {
  const { postgres } = await sql.one<{ postgres: string }>("select current_setting('server_version') as postgres");
  const migrations = await appliedMigrations(sql);
  if (migrations.length === 0)
    throw new AppError('CONFLICT', 'This database holds nothing of Maplebridge: nothing to back up.');
  const sequences: Manifest['sequences'] = [];
  // After the snapshot was taken: sequences are outside it and may only be ahead of the rows, never behind.
  for (const { name } of await sql.query<{ name: string }>(SEQUENCES))
    sequences.push(
      await sql.one(
        `select '${name.replaceAll("'", "''")}' as name, last_value::text as value, is_called as called from ${quoted(name)}`,
      ),
    );
  return {
    madeAt: new Date().toISOString(),
    postgres,
    migrations,
    partitions: await sql.query(PARTITIONS),
    sequences,
    tables: await sql.query(TABLES),
  };
}

/** Writes a new file, readable by its owner only; it appears when it is complete. */
export async function backup(options: { readonly url: string; readonly file: string }): Promise<BackupSummary> {
  const file = resolve(options.file);
  if (existsSync(file)) throw new AppError('BAD_USER_INPUT', `${file} exists already; name another file.`);
  const aside = `${file}.${process.pid}.partial`;
  try {
    const summary = await withSession(options.url, async ({ client, sql }) => {
      await sql.query('begin isolation level repeatable read read only');
      const manifest = await readManifest(sql);
      let rows = 0;
      const parts = async function* (): AsyncGenerator<Buffer> {
        const writer = new BackupWriter();
        yield writer.line(FORMAT);
        yield writer.line(JSON.stringify(manifest));
        for (const { name, columns } of manifest.tables) {
          const copy = client.query(
            copyTo(`copy (select ${columns.map(quoted).join(', ')} from ${quoted(name)}) to stdout`),
          );
          yield* writer.table(name, copy, () => copy.rowCount);
          rows += copy.rowCount;
        }
        yield writer.end();
      };
      await pipeline(
        Readable.from(parts(), { objectMode: false }),
        createGzip(),
        createWriteStream(aside, { mode: 0o600, flags: 'wx', flush: true }),
      );
      return { tables: manifest.tables.length, rows, migrations: manifest.migrations.map(({ number }) => number) };
    });
    await rename(aside, file);
    const folder = await open(dirname(file));
    await folder.sync().finally(() => folder.close());
    return summary;
  } catch (error) {
    await rm(aside, { force: true });
    throw toFileFault(error, file);
  }
}

const toFileFault = (error: unknown, file: string): unknown => {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof AppError || code === undefined) return error;
  if (code === 'ENOSPC') return new AppError('INTERNAL', `The disk is full: no room for ${file}.`, { cause: error });
  if (code === 'ENOENT') return new AppError('BAD_USER_INPUT', `${file} does not exist.`, { cause: error });
  if (/^E[A-Z]+$/.test(code)) return new AppError('INTERNAL', `${file} cannot be used (${code}).`, { cause: error });
  return error;
};

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
