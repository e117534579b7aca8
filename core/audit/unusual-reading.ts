/**
 * Reading that a human should look at: about readers, never about those who were read. Nothing is decided here, and nobody is
 * scored: a line says on which day who read how many, at night or without a case of their own, and an auditor asks them why.
 */
import type { Queryable } from '../platform/db.ts';

/** On one legal day, by one reader. Ours, not a statute's: a county's auditors see the counts, whatever the limit. */
export const UNUSUAL = {
  /** More people than anybody at a window receives in a day. */
  manyPersons: 60,
  /** Between 22:00 and 06:00 in Shanghai. */
  atNight: 10,
  /** Without a record, a dispute or a referral that leads there: only by a written reason. */
  outsideOwnCases: 5,
} as const;

export interface UnusualReading {
  /** Legal day, YYYY-MM-DD. */
  readonly day: string;
  readonly subject: string;
  readonly organisationId: string;
  /** Both, as one id: one human may read for two offices. */
  readonly reader: string;
  /** People; and records and matters whose parties were named without anybody being resolved. */
  readonly persons: number;
  readonly atNight: number;
  readonly outsideOwnCases: number;
}

export interface ReadingSearch {
  /** First and last legal day. */
  readonly from: string;
  readonly to: string;
  /** Of readers in organisations whose path begins with this; empty for all. */
  readonly under: string;
  /** Of whoever looks at the list: what was read of accusations against them is not in it (信访工作条例 30). */
  readonly selfAndAbove: readonly string[];
  readonly after?: { readonly day: string; readonly reader: string };
  readonly limit: number;
}

/** Where nobody was resolved: the record, or the dispute or referral whose parties or address were told. */
const WHOM = `coalesce(person_id, record_id, case when field_groups && '{identity,address}' then coalesce(dispute_id, referral_id) end)`;

const READINGS = `
with accusing as (
  select d.id from dispute d where d.accused_ids && $10
  union
  select l.dispute_id from record r join dispute_record l on l.record_id = r.id where r.accused_ids <> '{}' and r.accused_ids && $10
), hidden_dispute as (
  select d.id from dispute d where coalesce(d.survivor_id, d.id) in (select id from accusing)
), hidden_record as (
  select r.id from record r where r.accused_ids <> '{}' and r.accused_ids && $10
  union
  select l.record_id from dispute_record l where l.dispute_id in (select id from hidden_dispute)
), hidden_referral as (
  select f.id from referral f where f.dispute_id in (select id from hidden_dispute)
)
select day::text, subject, organisation_id as "organisationId", reader, persons, at_night as "atNight", outside as "outsideOwnCases" from (
  select (at at time zone 'Asia/Shanghai')::date as day, subject, organisation_id, organisation_id || ' ' || subject as reader,
    count(distinct ${WHOM})::int as persons,
    (count(distinct ${WHOM}) filter (where extract(hour from at at time zone 'Asia/Shanghai') not between 6 and 21))::int as at_night,
    (count(distinct ${WHOM}) filter (where link = 'SUPERVISION'))::int as outside
  from disclosure
  where at >= $1::date::timestamp at time zone 'Asia/Shanghai' and at < ($2::date + 1)::timestamp at time zone 'Asia/Shanghai'
    and (dispute_id is null or dispute_id not in (select id from hidden_dispute))
    and (record_id is null or record_id not in (select id from hidden_record))
    and (referral_id is null or referral_id not in (select id from hidden_referral))
    and ($9 = '' or exists (select from organisation o where o.id = organisation_id and starts_with(o.path, $9)))
  group by 1, 2, 3
) read
where (persons >= $3 or at_night >= $4 or outside >= $5) and ($6::date is null or (day, reader) < ($6::date, $7))
order by day desc, reader desc limit $8`;

/** Newest first. */
export const findUnusualReading = (
  q: Queryable,
  { from, to, under, selfAndAbove, after, limit }: ReadingSearch,
): Promise<UnusualReading[]> =>
  q.query<UnusualReading>(READINGS, [
    ...[from, to, UNUSUAL.manyPersons, UNUSUAL.atNight, UNUSUAL.outsideOwnCases],
    ...[after?.day ?? null, after?.reader ?? null, limit, under, selfAndAbove],
  ]);
