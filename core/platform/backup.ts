/**
 * Backup and restore of everything in the database, without pg_dump (the embedded PostgreSQL has none): one consistent
 * snapshot, streamed. The data keys are in a file of their own, the master keys (MAPLEBRIDGE_KEYS) in neither: without both the
 * encrypted columns stay closed.
 */
import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { BackupWriter, FORMAT, KEY_TABLES, KEYS_FORMAT, type Manifest } from './backup-format.ts';
import { IN_SCHEMA, toFileFault, withSession, type BackupSummary } from './backup-session.ts';
import type { Queryable } from './db.ts';
import { AppError } from './errors.ts';
import { appliedMigrations } from './migrate.ts';
import { syncFolder } from './sync-folder.ts';

const quoted = pg.escapeIdentifier;

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

const COUNT_KEYS = `select count(*) as rows, count(*) filter (where wrapped = '') as destroyed from data_key`;

async function countKeys(sql: Queryable): Promise<Manifest['keys']> {
  const { known } = await sql.one<{ known: boolean }>("select to_regclass('data_key') is not null as known");
  return known ? sql.one<{ rows: number; destroyed: number }>(COUNT_KEYS) : null;
}

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
  const keys = await countKeys(sql);
  const { madeAt } = await sql.one<{ madeAt: Date }>('select clock_timestamp() as "madeAt"');
  return {
    madeAt: madeAt.toISOString(),
    postgres,
    migrations,
    partitions: await sql.query(PARTITIONS),
    sequences,
    tables: await sql.query(TABLES),
    keys,
  };
}

/** What of it goes into which file. */
const dataOf = (manifest: Manifest): Manifest => ({
  ...manifest,
  tables: manifest.tables.filter(({ name }) => !KEY_TABLES.includes(name)),
});
const keysOf = (manifest: Manifest): Manifest => ({
  ...manifest,
  partitions: [],
  sequences: [],
  tables: manifest.tables.filter(({ name }) => KEY_TABLES.includes(name)),
});

/** Writes a file under a name aside; returns how many rows are in it. */
async function write(client: pg.Client, aside: string, format: string, manifest: Manifest): Promise<number> {
  let rows = 0;
  const parts = async function* (): AsyncGenerator<Buffer> {
    const writer = new BackupWriter();
    yield writer.line(format);
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
  return rows;
}

interface Part {
  readonly file: string;
  readonly format: string;
  readonly of: (manifest: Manifest) => Manifest;
}

/** New files, readable by their owner only, of one moment; they appear when all are complete. */
async function writeParts(url: string, partsOf: (manifest: Manifest) => readonly Part[]): Promise<BackupSummary> {
  const asides = new Map<string, string>();
  try {
    const summary = await withSession(url, async ({ client, sql }) => {
      await sql.query('begin isolation level repeatable read read only');
      const manifest = await readManifest(sql);
      let [tables, rows] = [0, 0];
      for (const { file, format, of } of partsOf(manifest)) {
        if (existsSync(file)) throw new AppError('BAD_USER_INPUT', `${file} exists already; name another file.`);
        const aside = `${file}.${process.pid}.partial`;
        asides.set(file, aside);
        const part = of(manifest);
        rows += await write(client, aside, format, part);
        tables += part.tables.length;
      }
      return { tables, rows, migrations: manifest.migrations.map(({ number }) => number) };
    });
    for (const [file, aside] of asides) {
      await rename(aside, file);
      await syncFolder(dirname(file));
    }
    return summary;
  } catch (error) {
    for (const aside of asides.values()) await rm(aside, { force: true });
    throw toFileFault(error, [...asides.keys()].at(-1) ?? 'the file');
  }
}

/** Where the data keys of a backup are, unless another file is named. */
export const keysFileOf = (file: string): string => `${file}.keys`;

/** Writes two new files: the data, and beside it (`keysFileOf`) the data keys, to be kept apart. */
export async function backup(options: { readonly url: string; readonly file: string }): Promise<BackupSummary> {
  const file = resolve(options.file);
  if (existsSync(file)) throw new AppError('BAD_USER_INPUT', `${file} exists already; name another file.`);
  // The keys first: a file of data never stands there without them.
  return writeParts(options.url, ({ keys }) => [
    ...(keys === null ? [] : [{ file: keysFileOf(file), format: KEYS_FORMAT, of: keysOf }]),
    { file, format: FORMAT, of: dataOf },
  ]);
}

/** The data keys alone, as they are now: with them every older backup is restored as forgetful as this. */
export function exportKeys(options: { readonly url: string; readonly file: string }): Promise<BackupSummary> {
  return writeParts(options.url, ({ keys }) => {
    if (keys === null)
      throw new AppError('CONFLICT', 'This database has no data keys yet: start the new release once.');
    return [{ file: resolve(options.file), format: KEYS_FORMAT, of: keysOf }];
  });
}
