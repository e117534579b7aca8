/** What restoring does to the schema before and after the rows come. */
import pg from 'pg';
import type { Manifest } from './backup-format.ts';
import { IN_SCHEMA } from './backup-session.ts';
import type { Queryable } from './db.ts';
import { AppError } from './errors.ts';

const quoted = pg.escapeIdentifier;

export async function refuseUnlessEmpty(sql: Queryable): Promise<void> {
  const rows = await sql.query<{ name: string }>(
    `select c.relname as name from pg_class c ${IN_SCHEMA}
      where c.relkind in ('r', 'p', 'v', 'm', 'S')
        and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e') limit 1`,
  );
  if (rows.length > 0)
    throw new AppError('CONFLICT', 'The database is not empty: restore into a new one. Nothing was changed.');
}

export async function makePartition(
  sql: Queryable,
  { name, parent, bound }: Manifest['partitions'][number],
): Promise<void> {
  const { known } = await sql.one<{ known: boolean }>('select to_regclass($1) is not null as known', [quoted(name)]);
  if (!known) await sql.query(`create table ${quoted(name)} partition of ${quoted(parent)} ${bound}`);
}

/** Drops the foreign keys and returns the statements that make them again: checked once at the end, and in any order of tables. */
export async function takeForeignKeys(sql: Queryable): Promise<string[]> {
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
