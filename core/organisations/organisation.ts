/** The tree of organisations: courts, stations, offices, streets, grids. */
import { z } from 'zod';
import type { CallerOrganisation } from '../access/caller.ts';
import { refreshVisible } from '../access/visible.ts';
import { AppError } from '../platform/errors.ts';
import type { Db, Queryable, Tx } from '../platform/db.ts';
import { idFromHash } from '../platform/id.ts';
import type { Keyring } from '../platform/keyring.ts';

export const ORGANISATION_LEVELS = [
  'COUNTY',
  'TOWNSHIP',
  'COMMUNITY',
  'COMPOUND',
  'GRID',
  'MICRO_GRID',
  'BUILDING',
] as const;
export const ORGANISATION_KINDS = [
  'CENTRE',
  'COURT',
  'TRIBUNAL',
  'PROCURATORATE',
  'POLICE',
  'STATION',
  'JUSTICE_OFFICE',
  'PETITION_BUREAU',
  'CIVIL_AFFAIRS',
  'DISCIPLINE',
  'ARBITRATION',
  'MEDIATION_BODY',
  'ENFORCEMENT',
  'MASS_ORGANISATION',
  'COMPANY',
  'COMMITTEE',
  'SOCIAL_ORGANISATION',
  'GOVERNMENT',
] as const;

/** One entry of the organisations file; parents stand before their children. */
export const OrganisationEntry = z.object({
  code: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'lower-case letters, digits and hyphens'),
  name: z.string().min(1),
  level: z.enum(ORGANISATION_LEVELS),
  kind: z.enum(ORGANISATION_KINDS),
  parent: z.string().nullable(),
  sources: z.array(z.string()),
});
export type OrganisationEntry = z.infer<typeof OrganisationEntry>;

/** A row of `organisation`, as the API shows it. */
export interface Organisation {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly level: (typeof ORGANISATION_LEVELS)[number];
  readonly kind: (typeof ORGANISATION_KINDS)[number];
  readonly parentId: string | null;
  readonly path: string;
  readonly sources: readonly string[];
  readonly closedAt: Date | null;
}

export const organisationColumns = (o: string): string =>
  `${o}.id, ${o}.code, ${o}.name, ${o}.level, ${o}.kind, ${o}.parent_id as "parentId", ${o}.path, ${o}.sources, ${o}.closed_at as "closedAt"`;

const STORE = `
insert into organisation (id, code, name, level, kind, parent_id, path, sources)
select id, code, name, level, kind, parent_id, path, string_to_array(sources, ',')
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
  as e(id, code, name, level, kind, parent_id, path, sources)
on conflict (code) do update
set name = excluded.name, level = excluded.level, kind = excluded.kind, parent_id = excluded.parent_id,
    path = excluded.path, sources = excluded.sources, closed_at = null
where (organisation.name, organisation.level, organisation.kind, organisation.parent_id, organisation.path, organisation.sources, organisation.closed_at)
  is distinct from (excluded.name, excluded.level, excluded.kind, excluded.parent_id, excluded.path, excluded.sources, null)
returning xmax = 0 as added`;

// Whoever reads at this moment loses the lease, and with it the place that would be stored over this.
const READ_AGAIN = `update source_feed set cursor_cipher = null, leased_by = null, leased_until = null, due_at = $1
where cursor_cipher is not null`;

const DISPUTES_AT_ONCE = 5_000;

async function refreshAllVisible(tx: Tx): Promise<void> {
  const ids = await tx.query<{ id: string }>('select id from dispute where survivor_id is null order by id');
  for (let from = 0; from < ids.length; from += DISPUTES_AT_ONCE)
    refreshVisible(
      tx,
      ids.slice(from, from + DISPUTES_AT_ONCE).map(({ id }) => id),
    );
}

/**
 * Brings the table in line with the county's file: new ones are added, changed ones changed, those no longer named are
 * closed (never deleted: history names them). Throws BAD_USER_INPUT naming the entry when the file is not a tree.
 *
 * Who may see what follows the tree: whoever comes under an accused organisation sees the accusation no longer. Records
 * are read in again when there is a new organisation, for they may name it, as their office or as the accused.
 */
export async function storeOrganisations(
  db: Db,
  keyring: Keyring,
  entries: readonly OrganisationEntry[],
  now: Date,
): Promise<void> {
  const idOf = (code: string): string => idFromHash('org', keyring.hash('index.hash', 'organisation', code));
  const paths = new Map<string, string>();
  for (const entry of entries) {
    const above = entry.parent === null ? '' : paths.get(entry.parent);
    const fault =
      above === undefined
        ? 'names a parent that does not stand before it'
        : paths.has(entry.code)
          ? 'stands there twice'
          : null;
    if (fault !== null) {
      throw new AppError('BAD_USER_INPUT', `Organisations: \`${entry.code}\` ${fault}.`, {
        details: { field: 'organisations' },
      });
    }
    paths.set(entry.code, `${above}${entry.code}/`);
  }
  await db.tx(async (tx) => {
    await tx.lock('organisations.store');
    const changed = await tx.query<{ added: boolean }>(STORE, [
      entries.map((entry) => idOf(entry.code)),
      entries.map((entry) => entry.code),
      entries.map((entry) => entry.name),
      entries.map((entry) => entry.level),
      entries.map((entry) => entry.kind),
      entries.map((entry) => (entry.parent === null ? null : idOf(entry.parent))),
      entries.map((entry) => paths.get(entry.code)),
      entries.map((entry) => entry.sources.join(',')),
    ]);
    await tx.query('update organisation set closed_at = $2 where closed_at is null and code <> all ($1)', [
      [...paths.keys()],
      now,
    ]);
    if (changed.some(({ added }) => added)) await tx.query(READ_AGAIN, [now]);
    if (changed.length > 0) await refreshAllVisible(tx);
  });
}

/** What is known of a caller by the row `o` of its organisation, as one value. */
export const callerOrganisationOf = (o: string): string => `jsonb_build_object(
  'id', ${o}.id, 'code', ${o}.code, 'kind', ${o}.kind, 'path', ${o}.path, 'sources', ${o}.sources,
  'selfAndAbove', (select jsonb_agg(up.id) from organisation up where up.code = any (string_to_array(${o}.path, '/'))))`;

const CALLER_ORGANISATION = `select ${callerOrganisationOf('o')} as found from organisation o where o.code = $1 and o.closed_at is null`;

/** Null when there is no such organisation, or it is closed. */
export async function findCallerOrganisation(q: Queryable, code: string): Promise<CallerOrganisation | null> {
  return (await q.maybeOne<{ found: CallerOrganisation }>(CALLER_ORGANISATION, [code]))?.found ?? null;
}

export const loadOrganisationsById = (q: Queryable, ids: readonly string[]): Promise<Organisation[]> =>
  q.query<Organisation>(`select ${organisationColumns('o')} from organisation o where o.id = any ($1)`, [ids]);

export const loadOrganisationsByCode = (q: Queryable, codes: readonly string[]): Promise<Organisation[]> =>
  q.query<Organisation>(`select ${organisationColumns('o')} from organisation o where o.code = any ($1)`, [codes]);

export interface OrganisationSearch {
  readonly level?: string;
  readonly kind?: string;
  /** Only below this organisation. */
  readonly underId?: string;
  readonly afterPath?: string;
  readonly limit: number;
}

/** In the order of the tree, parents before their children. */
export function listOrganisations(q: Queryable, search: OrganisationSearch): Promise<Organisation[]> {
  const values: unknown[] = [search.limit];
  const conditions = ['o.closed_at is null'];
  const where = (value: unknown, condition: (p: string) => string): void => {
    if (value !== undefined) conditions.push(condition(`$${values.push(value)}`));
  };
  where(search.level, (p) => `o.level = ${p}`);
  where(search.kind, (p) => `o.kind = ${p}`);
  where(
    search.underId,
    (p) => `exists (
    select from organisation up where up.id = ${p} and up.id <> o.id and starts_with(o.path, up.path))`,
  );
  where(search.afterPath, (p) => `o.path collate "C" > ${p}`);
  return q.query<Organisation>(
    `select ${organisationColumns('o')} from organisation o where ${conditions.join(' and ')} order by o.path collate "C" limit $1`,
    values,
  );
}

/** Ids of organisations whose name holds this word; at most 100. */
export async function findPlacesNamed(q: Queryable, word: string): Promise<string[]> {
  const rows = await q.query<{ id: string }>(
    'select id from organisation where strpos(name, $1) > 0 order by id limit 100',
    [word],
  );
  return rows.map(({ id }) => id);
}

/** The county's whole tree, closed ones too, in its order. */
export const loadAllOrganisations = (q: Queryable): Promise<Organisation[]> =>
  q.query<Organisation>(`select ${organisationColumns('o')} from organisation o order by o.path`, []);
