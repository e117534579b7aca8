/**
 * What an index says, without the ids that were drawn at random or depend on who came first: records and mentions by
 * their keyed hashes, and which mentions are one person and which records one dispute.
 */
import type { Db } from '../../../core/platform/db.ts';

const digest = (columns: string, from: string): string => `
select encode(sha256(coalesce(string_agg(line, E'\\n' order by line), '')::bytea), 'hex') as digest, count(*) as rows
from (select concat_ws('|', ${columns}) as line from ${from}) lines`;

const HASHES = ['name_hash', 'citizen_id_hash', 'birth_hash', 'phone_hash']
  .map((column) => `coalesce(encode(m.${column}, 'hex'), '-')`)
  .join(', ');

const PARTS: Readonly<Record<string, string>> = {
  records: digest(`r.id, encode(r.digest, 'hex'), r.gone_at is null`, 'record r'),
  mentions: digest(
    `m.id, m.record_id, m.ref, m.role, m.sex, ${HASHES}, m.birth_year, m.matched_by, m.gone_at is null`,
    'mention m',
  ),
  references: digest(`f.record_id, f.source, encode(f.number_hash, 'hex')`, 'record_reference f'),
  persons: digest(
    `m.id, min(m.id) over (partition by coalesce(p.survivor_id, p.id))`,
    'mention m join person p on p.id = m.person_id where m.gone_at is null',
  ),
  disputes: digest(
    `l.record_id, min(l.record_id) over (partition by l.dispute_id), d.category, d.place_id, d.opened_at, d.is_collective,
     array(select unnest(d.channels) order by 1), array(select unnest(d.accused_ids) order by 1)`,
    'dispute_record l join dispute d on d.id = l.dispute_id where l.unlinked_at is null',
  ),
  visible: digest(
    `o.code, (select min(l.record_id) from dispute_record l where l.dispute_id = v.dispute_id and l.unlinked_at is null)`,
    'visible v join organisation o on o.id = v.organisation_id',
  ),
  quarantined: digest('q.source, q.place, q.field', 'quarantined q'),
};

export interface IndexPart {
  readonly digest: string;
  readonly rows: number;
}
export type IndexDigest = Readonly<Record<string, IndexPart>>;

export async function digestIndex(db: Db): Promise<IndexDigest> {
  const parts: Record<string, IndexPart> = {};
  // One after another: each sorts everything there is.
  for (const [name, text] of Object.entries(PARTS)) parts[name] = await db.one<{ digest: string; rows: number }>(text);
  return parts;
}

/** Names of the parts that differ. */
export const differences = (a: IndexDigest, b: IndexDigest): string[] =>
  Object.keys(PARTS).filter((name) => a[name]?.digest !== b[name]?.digest);
