/**
 * Backup and restore of everything in the database, without pg_dump (the embedded PostgreSQL has none): one consistent
 * snapshot, streamed. The keys (MAPLEBRIDGE_KEYS) are not in it: without them the encrypted columns stay closed.
 */
import { createWriteStream, existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { BackupWriter, FORMAT, type Manifest } from './backup-format.ts';
import { IN_SCHEMA, toFileFault, withSession, type BackupSummary } from './backup-session.ts';
import type { Queryable } from './db.ts';
import { AppError } from './errors.ts';
import { appliedMigrations } from './migrate.ts';

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
