/** Mentions of records that are replaced or gone, as they were. */
import type { Queryable } from '../platform/db.ts';

export interface PastMention {
  readonly id: string;
  /** Whom its person resolves to; null for an organisation's. */
  readonly person: { readonly id: string; readonly createdAt: number } | null;
  readonly createdAt: number;
  readonly gone: boolean;
}

/** As a number: thousands come at once, and making a Date of each is dear. */
export const milliseconds = (at: string): string => `(extract(epoch from ${at}) * 1000)::float8`;

const PAST = `
select m.id, coalesce(s.id, p.id) as "personId", ${milliseconds('coalesce(s.created_at, p.created_at)')} as "personCreatedAt",
  ${milliseconds('m.created_at')} as "createdAt", m.gone_at is not null as gone
from mention m left join person p on p.id = m.person_id left join person s on s.id = p.survivor_id
where m.record_id = any($1)`;

type Row = Omit<PastMention, 'person'> & { readonly personId: string | null; readonly personCreatedAt: number };

export const readPast = async (q: Queryable, recordIds: readonly string[]): Promise<PastMention[]> =>
  (await q.query<Row>(PAST, [recordIds])).map(({ personId, personCreatedAt, ...row }) => ({
    ...row,
    person: personId === null ? null : { id: personId, createdAt: personCreatedAt },
  }));
