/** Whom to ask for: people that the centre may see, with the departments' own keys of their records. */
import { openKey, openMention } from '../../../core/people/index-row.ts';
import type { Db } from '../../../core/platform/db.ts';
import type { Keyring } from '../../../core/platform/keyring.ts';
import { isValidCitizenId } from '../../../core/platform/citizen-id.ts';

export interface KnownPerson {
  readonly citizenId: string;
  /** By source. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
}

interface Row {
  readonly mentionId: string;
  readonly cipher: Buffer;
  readonly wrapped: Buffer | null;
  readonly records: readonly { readonly id: string; readonly source: string; readonly key: string }[];
}

// Only people of whom nothing is hidden: their keys are then those that the view asks for. Known to two departments at least,
// the slowest among them, and otherwise drawn by lot: the same kind of people in a small county and in a large one.
const KNOWN = `
select max(m.id) filter (where m.citizen_id_hash is not null) as "mentionId",
  (array_agg(m.cipher order by m.id desc) filter (where m.citizen_id_hash is not null))[1] as cipher,
  (array_agg(k.wrapped order by m.id desc) filter (where m.citizen_id_hash is not null))[1] as wrapped,
  jsonb_agg(distinct jsonb_build_object('id', r.id, 'source', r.source, 'key', encode(r.key_cipher, 'base64'))) as records
from mention m join record r on r.id = m.record_id left join data_key k on k.id = m.id
where m.gone_at is null and m.person_id is not null
group by m.person_id
having bool_and(r.gone_at is null and not r.sealed and not r.classified and not r.protected and r.accused_ids = '{}')
  and bool_or(r.source = 'COURTS') and count(distinct r.source) > 1 and bool_or(m.citizen_id_hash is not null)
  and bool_or(exists (select from dispute_record l join visible v on v.dispute_id = l.dispute_id
    join organisation o on o.id = v.organisation_id and o.code = 'centre'
    where l.record_id = r.id and l.unlinked_at is null))
order by md5(m.person_id)
limit $1`;

export async function findKnownPeople(db: Db, keyring: Keyring, most: number): Promise<KnownPerson[]> {
  const rows = await db.query<Row>(KNOWN, [most]);
  return rows.flatMap(({ records, ...mention }) => {
    const { citizenId } = openMention(keyring, mention);
    if (citizenId === null || !isValidCitizenId(citizenId)) return [];
    const keys = new Map<string, string[]>();
    for (const { id, source, key } of records) {
      keys.set(source, [...(keys.get(source) ?? []), openKey(keyring, id, Buffer.from(key, 'base64'))]);
    }
    return [{ citizenId, keys }];
  });
}
