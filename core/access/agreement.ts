import { audit } from '../audit/audit.ts';
import type { Db, Queryable } from '../platform/db.ts';
import type { Agreement } from './field-groups.ts';

export interface Bases {
  readonly agreements: ReadonlyMap<string, Agreement>;
  /** Up to when the index knows a department's records, RFC 3339; absent before its first load has ended. */
  readonly indexedAt: ReadonlyMap<string, string>;
}

const LOAD = `
select coalesce(a.source, f.source) as source, a.purposes, a.field_groups as "fieldGroups", a.expires,
  case when f.loaded_at is null then null else f.last_success_at end as "indexedAt"
from agreement a full join source_feed f on f.source = a.source`;

interface BasisRow {
  readonly source: string;
  readonly purposes: string[] | null;
  readonly fieldGroups: string[] | null;
  readonly expires: string | null;
  readonly indexedAt: Date | null;
}

/** On what basis departments' parts may be read, and how far they have been read in. */
export async function loadBases(q: Queryable): Promise<Bases> {
  const agreements = new Map<string, Agreement>();
  const indexedAt = new Map<string, string>();
  for (const row of await q.query<BasisRow>(LOAD)) {
    const { source, purposes, fieldGroups, expires } = row;
    if (purposes && fieldGroups && expires) agreements.set(source, { source, purposes, fieldGroups, expires });
    if (row.indexedAt) indexedAt.set(source, row.indexedAt.toISOString());
  }
  return { agreements, indexedAt };
}

/** `today`: the legal day in Asia/Shanghai. */
export async function isInForce(q: Queryable, source: string, today: string): Promise<boolean> {
  const rows = await q.query('select from agreement where source = $1 and expires >= $2::date', [source, today]);
  return rows.length > 0;
}

const STORE = `
insert into agreement (source, purposes, field_groups, expires)
select source, string_to_array(purposes, ','), string_to_array(field_groups, ','), expires::date
from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as e(source, purposes, field_groups, expires)
on conflict (source) do update set purposes = excluded.purposes, field_groups = excluded.field_groups, expires = excluded.expires
where (agreement.purposes, agreement.field_groups, agreement.expires) is distinct from (excluded.purposes, excluded.field_groups, excluded.expires)
returning source`;

const END = 'delete from agreement where source <> all ($1) returning source';

/**
 * Brings the stored agreements in line with the county's settings; one that is no longer there is no basis any more. What changed
 * of who may read what is in the audit log.
 */
export const storeAgreements = (db: Db, agreements: readonly Agreement[], at: Date): Promise<void> =>
  db.tx(async (tx) => {
    const changed = await tx.query<{ source: string }>(STORE, [
      agreements.map(({ source }) => source),
      agreements.map(({ purposes }) => purposes.join(',')),
      agreements.map(({ fieldGroups }) => fieldGroups.join(',')),
      agreements.map(({ expires }) => expires),
    ]);
    const ended = await tx.query<{ source: string }>(END, [agreements.map(({ source }) => source)]);
    const bySource = new Map(agreements.map((agreement) => [agreement.source, agreement]));
    await audit.append(
      tx,
      ...changed.map(({ source }) => {
        const { purposes, fieldGroups, expires } = bySource.get(source) ?? {};
        const body = { purposes, fieldGroups, expires };
        return { kind: 'agreement.changed', subject: source, actor: null, at, body };
      }),
      ...ended.map(({ source }) => ({ kind: 'agreement.ended', subject: source, actor: null, at, body: {} })),
    );
  });
