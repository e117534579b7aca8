/** A database as it once was: kept beside itself, and put back as often as one likes, in a few milliseconds. */
import type { Db } from '../../core/platform/db.ts';

export interface KeptDatabase {
  restore(): Promise<void>;
}

const TABLES = `
select c.relname as name from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'migration'
order by 1`;

async function filled(db: Db, tables: readonly string[]): Promise<string[]> {
  const asked = tables.map((table) => `select '${table}' as name where exists (select from public.${table})`);
  return (await db.query<{ name: string }>(asked.join(' union all '), [])).map(({ name }) => name);
}

/** `name`: what was kept under it before is forgotten. */
export async function keepDatabase(db: Db, name: string): Promise<KeptDatabase> {
  const schema = `kept_${name}`;
  const tables = (await db.query<{ name: string }>(TABLES, [])).map((table) => table.name);
  const copies = tables.map((table) => `create table ${schema}.${table} as table public.${table};`);
  await db.query(`drop schema if exists ${schema} cascade; create schema ${schema}; ${copies.join('\n')}`);
  // Few tables have anything in them: those that had nothing and have nothing are left alone.
  const used = await filled(db, tables);
  return {
    async restore() {
      const changed = new Set([...used, ...(await filled(db, tables))]);
      const rows = [...changed].map(
        (table) =>
          `delete from public.${table}; insert into public.${table} overriding system value select * from ${schema}.${table};`,
      );
      // Rows come back in the order of their tables' names, not in that of who refers to whom.
      await db.tx((tx) => tx.query(`set local session_replication_role = replica; ${rows.join('\n')}`));
    },
  };
}
