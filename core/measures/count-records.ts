/** How many records there are by month, street and category, of those that may stand in a number about a place. */
import { countableRecord, RECORDS_OF_VIOLENCE } from '../access/predicate.ts';
import type { Queryable } from '../platform/db.ts';
import type { MonthCount } from './compare-streets.ts';

const COUNTED = `
  select r.source, r.category, r.place_id, r.office_id, r.occurred_at at time zone 'Asia/Shanghai' as at
  from record r
  where r.source = any ($3) and (r.source in ('POLICE', 'COURTS') or r.channel in ('HOTLINE_12345', 'PHONE'))
    and r.occurred_at >= $1::date::timestamp at time zone 'Asia/Shanghai'
    and r.occurred_at < ($2::date + 1)::timestamp at time zone 'Asia/Shanghai'
    and r.category is not null and ${countableRecord('r')}`;

// All by the index alone (record_counted); what is of violence, a few, is looked up and taken off again. The street is that of the place;
// where the place says none, that of the office. A station or a tribunal serves several, and says none.
const COUNT = `
with placed as materialized (
  select o.id, street.id as street_id
  from organisation o cross join lateral unnest(string_to_array(o.path, '/')) as above (code)
  join organisation street on street.code = above.code and street.level = 'TOWNSHIP' and street.kind = 'GOVERNMENT' and street.closed_at is null
), of_violence as materialized (${RECORDS_OF_VIOLENCE})
select (extract(year from one.at) * 12 + extract(month from one.at) - 1)::int as month,
  coalesce(at_place.street_id, at_office.street_id) as "streetId", one.category,
  case one.source when 'POLICE' then 'police' when 'COURTS' then 'filings' else 'hotline' end as "countedAs", sum(one.counts)::int as count
from (
  select every_one.*, 1 as counts from (${COUNTED}) every_one
  union all
  select violent.*, -1 from of_violence cross join lateral (${COUNTED} and r.id = of_violence.id offset 0) violent
) one
left join placed at_place on at_place.id = one.place_id
left join placed at_office on at_office.id = one.office_id
group by 1, 2, 3, 4 having sum(one.counts) > 0`;

/** Which departments' records each number is made of; what the centre's own desk took by telephone is with the hotline. */
export const COUNTED_OF = { hotline: 'PETITIONS', police: 'POLICE', filings: 'COURTS' } as const;

/** `from` and `to`: first and last legal day. `sources`: those that may be counted. */
export const countRecords = (
  q: Queryable,
  { from, to, sources }: { readonly from: string; readonly to: string; readonly sources: readonly string[] },
): Promise<MonthCount[]> => q.query<MonthCount>(COUNT, [from, to, sources]);

const STREETS = `
select id from organisation where level = 'TOWNSHIP' and kind = 'GOVERNMENT' and closed_at is null order by path collate "C"`;

/** In the order of the tree. */
export const loadStreetIds = async (q: Queryable): Promise<string[]> =>
  (await q.query<{ id: string }>(STREETS, [])).map(({ id }) => id);
