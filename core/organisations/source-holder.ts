import type { Queryable } from '../platform/db.ts';

/** A department whose records are read: who answers for it, and how far it has been read in. */
export interface SourceStanding {
  readonly code: string;
  readonly name: string;
  readonly organisationId: string | null;
  readonly records: number | null;
  readonly agreementExpires: string | null;
}

// The highest organisation that holds a source's records answers for it: the bureau, not its stations.
const STANDING = `
select s.code, coalesce(holder.name, s.code) as name, holder.id as "organisationId",
  -- Without what accuses the reader: that there is one more would tell them (domain rule 1).
  f.done - (select count(*) from record against where against.source = s.code and against.gone_at is null
    and against.accused_ids <> '{}' and against.accused_ids && $2) as records,
  a.expires as "agreementExpires"
from unnest($1::text[]) with ordinality as s (code, position)
left join lateral (
  select o.id, o.name from organisation o where s.code = any (o.sources) and o.closed_at is null
  order by length(o.path), o.path limit 1
) holder on true
left join source_feed f on f.source = s.code
left join agreement a on a.source = s.code
order by s.position`;

/** `selfAndAbove`: of whoever reads it. */
export const loadSourceStandings = (
  q: Queryable,
  codes: readonly string[],
  selfAndAbove: readonly string[],
): Promise<SourceStanding[]> => q.query<SourceStanding>(STANDING, [codes, selfAndAbove]);
