/** The database: whether it answers, what is in it, and how far the departments have been read in. */
import { join } from 'node:path';
import type { Config } from '../../core/platform/config.ts';
import { addressOf, type Db } from '../../core/platform/db.ts';
import { findEmbeddedPostgres } from '../../core/platform/embedded-postgres/find.ts';
import { appliedMigrations, pendingMigrations, readMigrations } from '../../core/platform/migrate.ts';
import { fail, ok, reasonOf, timed, warn, within, type Finding } from './finding.ts';

const PATIENCE_MS = 5_000;

/** Null when the embedded one does not run. */
export const findDatabase = ({ databaseUrl, dataFolder }: Config): string | null =>
  databaseUrl ?? findEmbeddedPostgres(join(dataFolder, 'postgres'));

export async function lookAtDatabase(db: Db, url: string): Promise<Finding[]> {
  const where = `database at ${addressOf(url)}`;
  let facts: { readonly number: number; readonly version: string };
  let ms: number;
  try {
    const asked = await timed(() => within(PATIENCE_MS, db.one<typeof facts>(VERSION)));
    facts = asked.value;
    ms = asked.ms;
  } catch (error) {
    return [fail(reasonOf(error), 'see that it runs, and that DATABASE_URL has the right user and password')];
  }
  if (facts.number < 150_000)
    return [fail(`${where}: PostgreSQL ${facts.version}`, 'PostgreSQL 15 or newer is needed')];
  const answers = ok(`${where}: PostgreSQL ${facts.version}, answered in ${ms} ms`);
  try {
    const schema = await lookAtSchema(db);
    return schema.status === 'ok' ? [answers, schema, ...(await lookAtContents(db))] : [answers, schema];
  } catch (error) {
    return [answers, fail('schema', reasonOf(error))];
  }
}

const VERSION = `select current_setting('server_version_num')::int as number, current_setting('server_version') as version`;

async function lookAtSchema(db: Db): Promise<Finding> {
  const pending = pendingMigrations(readMigrations(), await appliedMigrations(db));
  return pending.length === 0
    ? ok('schema: as this version has it')
    : warn(`schema: ${pending.length} migrations pending`, 'npx maplebridge migrate, or start, which does the same');
}

interface Feed {
  readonly source: string;
  readonly loaded: boolean;
  readonly done: number;
  readonly last_error: string | null;
  readonly minutes: number | null;
  readonly quarantined: number;
}

const FEEDS = `
select f.source, f.loaded_at is not null as loaded, f.done, f.last_error,
  (extract(epoch from now() - f.last_success_at) / 60)::int as minutes,
  (select count(*)::int from quarantined q where q.source = f.source) as quarantined
from source_feed f order by f.source`;

const CENTRES = `select count(*)::int as centres from organisation
where kind = 'CENTRE' and level = 'COUNTY' and closed_at is null`;

async function lookAtContents(db: Db): Promise<Finding[]> {
  const { centres } = await db.one<{ centres: number }>(CENTRES);
  const feeds = await db.query<Feed>(FEEDS);
  return [
    centres > 0
      ? ok('organisations: stored')
      : warn('organisations: no centre of the county', 'list one with kind CENTRE and level COUNTY, and start once'),
    ...(feeds.length === 0 ? [warn('first load: not begun', 'start a worker, or npx maplebridge ingest')] : []),
    ...feeds.flatMap(toFindings),
  ];
}

function toFindings({ source, loaded, done, last_error: error, minutes, quarantined }: Feed): Finding[] {
  const read = `${source}: ${done.toLocaleString('en')} records read in`;
  const progress = !loaded
    ? warn(`${read}, the first load has not ended`, error ?? 'see that a worker runs')
    : error !== null
      ? warn(`${read}, last ${minutes ?? '?'} min ago`, error)
      : ok(`${read}, last ${minutes ?? '?'} min ago`);
  if (quarantined === 0) return [progress];
  return [
    progress,
    warn(
      `${source}: ${quarantined} items could not be read and are set aside`,
      `tell the department: select place, field, reason from quarantined where source = '${source}'`,
    ),
  ];
}
