/** Mentions of records that are replaced or gone, as they were. */
import type { Queryable } from '../platform/db.ts';
import { hashText } from './same-person.ts';

export interface PastMention {
  readonly id: string;
  /** Whom its person resolves to; null for an organisation's. */
  readonly person: { readonly id: string; readonly createdAt: number } | null;
  readonly createdAt: number;
  readonly gone: boolean;
  readonly nameHash: Buffer;
  readonly citizenIdHash: Buffer | null;
  readonly birthHash: Buffer | null;
}

/** What a human decided on may be somebody else now: by name, number or birth date. */
export const isOtherwise = (
  past: PastMention,
  now: Pick<PastMention, 'nameHash' | 'citizenIdHash' | 'birthHash'>,
): boolean =>
  !past.nameHash.equals(now.nameHash) ||
  hashText(past.citizenIdHash) !== hashText(now.citizenIdHash) ||
  hashText(past.birthHash) !== hashText(now.birthHash);

/** As a number: thousands come at once, and making a Date of each is dear. */
export const milliseconds = (at: string): string => `(extract(epoch from ${at}) * 1000)::float8`;

const PAST = `
select m.id, coalesce(s.id, p.id) as "personId", ${milliseconds('coalesce(s.created_at, p.created_at)')} as "personCreatedAt",
  ${milliseconds('m.created_at')} as "createdAt", m.gone_at is not null as gone,
  m.name_hash as "nameHash", m.citizen_id_hash as "citizenIdHash", m.birth_hash as "birthHash"
from mention m left join person p on p.id = m.person_id left join person s on s.id = p.survivor_id
where m.record_id = any($1)`;

type Row = Omit<PastMention, 'person'> & { readonly personId: string | null; readonly personCreatedAt: number };

export const readPast = async (q: Queryable, recordIds: readonly string[]): Promise<PastMention[]> =>
  (await q.query<Row>(PAST, [recordIds])).map(({ personId, personCreatedAt, ...row }) => ({
    ...row,
    person: personId === null ? null : { id: personId, createdAt: personCreatedAt },
  }));
