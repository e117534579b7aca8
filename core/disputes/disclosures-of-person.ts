/** Who was shown what of one person, newest first: of the person, and of what names them where nobody was resolved. */
import { accusedOf } from '../access/referral-sight.ts';
import type { Queryable } from '../platform/db.ts';
import { openReason, type Link } from '../audit/disclosure.ts';
import type { Keyring } from '../platform/keyring.ts';
import { barredFrom, type RecordAbout } from './told-to-person.ts';

export interface PersonDisclosure {
  readonly id: number;
  readonly at: Date;
  readonly subject: string;
  readonly organisationId: string;
  readonly purpose: string | null;
  /** A sentence about people, for auditors: null in the list that is told. */
  readonly reason: string | null;
  readonly fieldGroups: readonly string[];
  readonly link: Link | null;
  readonly recordId: string | null;
  readonly disputeId: string | null;
  readonly referralId: string | null;
  /** Stands in the person's own list. */
  readonly told: boolean;
}

/** All ids that mean this person: those joined into them too, under which earlier looks were written down. */
const IDS = `
select p.id from person p
where coalesce(p.survivor_id, p.id) = (select coalesce(asked.survivor_id, asked.id) from person asked where asked.id = $1)`;

// What a department has taken back, or a person has been taken out of, was once shown all the same.
const ABOUT = `
with mine as (
  -- In two, for there is an index for each. Until when it named them: who looked later did not look at them.
  select named.id, case when bool_or(named.gone_at is null) then null else max(named.gone_at) end as until from (
    select m.record_id as id, m.gone_at from mention m where m.person_id = any ($1) and m.gone_at is null
    union
    select m.record_id, m.gone_at from mention m where m.person_id = any ($1) and m.gone_at is not null
  ) named group by 1
), matter as (
  select l.dispute_id as id, min(l.linked_at) as since,
    case when bool_or(l.unlinked_at is null) then null else max(l.unlinked_at) end as until
  from dispute_record l where l.record_id in (select id from mine) group by 1
), about as (
  select id, null as dispute_id from mine where not exists (select from dispute_record l where l.record_id = mine.id)
  union
  select l.record_id, l.dispute_id from dispute_record l join matter on matter.id = l.dispute_id
)
select r.id as "recordId", r.source, r.kind, r.category, r.petition_purpose as "petitionPurpose", r.protected as "isProtected", r.sealed as "isSealed",
  coalesce(beside.protected, '{}') as "protectedBeside", coalesce(beside.minor, false) as "besideMinor",
  array(select distinct m.role from mention m where m.record_id = r.id and m.person_id = any ($1)) as roles,
  d.id as "disputeId", d.category as "disputeCategory", d.petition_purpose as "disputePurpose", matter.since, matter.until,
  mine.id is not null as "isMine", mine.until as "namedUntil", array(select s.id from dispute s where s.survivor_id = d.id) as "mergedIds"
from about
join record r on r.id = about.id
left join dispute d on d.id = about.dispute_id
left join matter on matter.id = about.dispute_id
left join mine on mine.id = r.id
left join lateral (
  select array_agg(distinct elsewhere.id) filter (where elsewhere.protected) as protected,
    -- Of whom was erased it is not known any more whether they were a child or protected.
    bool_or(greatest(other.birth_year, o.birth_year) >= extract(year from r.occurred_at) - 18
      or exists (select from data_key k where k.id = other.id and k.wrapped = '')) as minor
  from mention other
  left join mention o on o.person_id = other.person_id and o.gone_at is null
  left join record elsewhere on elsewhere.id = o.record_id
  where other.record_id = r.id and other.person_id <> all ($1)
) beside on true`;

interface AboutRow extends RecordAbout {
  readonly since: Date | null;
  /** Null: to this day. */
  readonly until: Date | null;
  readonly isMine: boolean;
  readonly namedUntil: Date | null;
  /** Of disputes that were merged into this one: earlier looks were written down under those. */
  readonly mergedIds: readonly string[];
}

/** The row of `list` came about through what accuses one of `accused`. */
const accuses = (list: string, accused: string): string => `(exists (
  select from (
    select ${list}.dispute_id as id
    union select f.dispute_id from referral f where f.id = ${list}.referral_id
    union select l.dispute_id from dispute_record l where l.record_id = ${list}.record_id) through
  join dispute asked on asked.id = through.id
  cross join lateral ${accusedOf('coalesce(asked.survivor_id, asked.id)')} of_it
  where of_it.id = any (${accused}))
or exists (select from record told where told.id = ${list}.record_id and told.accused_ids && ${accused}))`;

const ACCUSING = `
select asked.id from unnest($1::text[]) as asked (id)
where exists (select from ${accusedOf('asked.id')} of_it where of_it.id = any ($2))`;

/** What an office holds or took part in, those above it in the same department see with it; a government above them does not. */
const IS_SEEN_BY_READER = `(reader.id = office.id or (reader.kind <> 'GOVERNMENT' and starts_with(office.path, reader.path)))`;

/** `organisation` handles one of these disputes, or did: what it saw then it saw because of it. */
const hasHandled = (organisation: string, disputes: string): string => `(
exists (select from visible v where v.organisation_id = ${organisation} and v.dispute_id = any (${disputes}))
or exists (
  select from (
    select party.organisation_id as id from referral f join referral_party party on party.referral_id = f.id
    where f.dispute_id = any (${disputes})
    union
    select held.office_id from dispute_record l join record held on held.id = l.record_id where l.dispute_id = any (${disputes})
  ) had
  join organisation office on office.id = had.id join organisation reader on reader.id = ${organisation}
  where ${IS_SEEN_BY_READER}))`;

const holds = (organisation: string, records: string): string => `exists (
  select from record held join organisation office on office.id = held.office_id
  join organisation reader on reader.id = ${organisation}
  where held.id = any (${records}) and ${IS_SEEN_BY_READER})`;

// Of the person directly: through what, is not known.
const DIRECT = 'coalesce(record_id, dispute_id, referral_id) is null';

// What came about through something that is not known to be the person's is not told: it cannot be judged. Nor what somebody saw
// directly who handles a barred dispute, or whose barred record may be all that they have of the person.
const LIST = `
with matter as (
  select * from unnest($3::text[], $4::timestamptz[], $17::timestamptz[]) as m(id, since, until)
), named as (
  select * from unnest($2::text[], $16::timestamptz[]) as n(id, until)
), listed as (
  select d.*,
    (d.record_id is null or d.record_id = any ($5)) and (d.dispute_id is null or d.dispute_id = any ($6))
    and (d.referral_id is null or exists (select from referral f where f.id = d.referral_id and f.dispute_id = any ($6)))
    and not (${DIRECT} and (
      (coalesce(d.link, 'DISPUTE') in ('DISPUTE', 'REFERRAL') and ${hasHandled('d.organisation_id', '$7')})
      or (coalesce(d.link, 'OWN_RECORD') = 'OWN_RECORD' and ${holds('d.organisation_id', '$15')}))) as told
  from disclosure d
  where d.person_id = any ($1)
    or (d.person_id is null and d.record_id = any ($2)
      and exists (select from named where named.id = d.record_id and (named.until is null or d.at <= named.until)))
    or (d.person_id is null and d.record_id is null and d.dispute_id = any ($3)
      and exists (select from matter
        where matter.id = d.dispute_id and d.at >= matter.since and (matter.until is null or d.at <= matter.until)))
    or (d.person_id is null and d.referral_id = any (array(select id from referral where dispute_id = any ($3))))
)
select id, at, request_id as "requestId", subject, organisation_id as "organisationId", purpose, reason,
  reason_cipher as "reasonCipher", field_groups as "fieldGroups", link, record_id as "recordId", dispute_id as "disputeId",
  referral_id as "referralId", told
from listed
where (told or not $8) and not ${accuses('listed', '$12')}
  and not (${DIRECT} and ${hasHandled('listed.organisation_id', '$14')})
  and ($13 = '' or exists (select from organisation o where o.id = listed.organisation_id and starts_with(o.path, $13)))
  and ($9::timestamptz is null or (at, id) < ($9, $10))
order by at desc, id desc limit $11`;

interface ListRow extends PersonDisclosure {
  readonly requestId: string;
  readonly reasonCipher: Buffer | null;
}

export interface DisclosureQuery {
  /** Only what is told to the person (rule 13). */
  readonly toldOnly: boolean;
  /**
   * By whom it is looked at: nothing is shown of what accuses one of `selfAndAbove` (信访工作条例 30), and nothing but what readers
   * in organisations whose path begins with `under` saw. Null: the operator, for the person themselves.
   */
  readonly lookedAtBy: { readonly selfAndAbove: readonly string[]; readonly under: string } | null;
  readonly after?: { readonly at: Date; readonly id: number };
  readonly limit: number;
}

/** Null when there is no such person. A person who was joined into another has the other's list, and theirs in it. */
export async function loadDisclosuresOfPerson(
  q: Queryable,
  keyring: Keyring,
  personId: string,
  { toldOnly, lookedAtBy, after, limit }: DisclosureQuery,
): Promise<PersonDisclosure[] | null> {
  const ids = (await q.query<{ id: string }>(IDS, [personId])).map(({ id }) => id);
  if (ids.length === 0) return null;
  const about = await q.query<AboutRow>(ABOUT, [ids]);
  const barred = barredFrom(about);
  // What stands under its own id goes before what it was merged into.
  const since = new Map<string, Pick<AboutRow, 'since' | 'until'>>();
  for (const row of about) for (const id of row.mergedIds) if (row.since) since.set(id, row);
  for (const row of about) if (row.disputeId && row.since) since.set(row.disputeId, row);
  const mine = [...new Map(about.filter(({ isMine }) => isMine).map((row) => [row.recordId, row])).values()];
  const withMerged = about.flatMap(({ disputeId, mergedIds }) =>
    disputeId && barred.disputes.has(disputeId) ? [disputeId, ...mergedIds] : [],
  );
  const barredDisputes = new Set(withMerged);
  const { selfAndAbove, under } = lookedAtBy ?? { selfAndAbove: [], under: '' };
  const accusing = await q.query<{ id: string }>(ACCUSING, [[...since.keys()], selfAndAbove]);
  const rows = await q.query<ListRow>(LIST, [
    ids,
    mine.map(({ recordId }) => recordId),
    [...since.keys()],
    [...since.values()].map((matter) => matter.since),
    about.map(({ recordId }) => recordId).filter((id) => !barred.records.has(id)),
    [...since.keys()].filter((id) => !barredDisputes.has(id)),
    [...barredDisputes],
    toldOnly,
    after?.at ?? null,
    after?.id ?? null,
    limit,
    ...[selfAndAbove, under, accusing.map(({ id }) => id)],
    [...barred.records],
    mine.map(({ namedUntil }) => namedUntil),
    [...since.values()].map(({ until }) => until),
  ]);
  return rows.map(({ requestId, reasonCipher, ...row }) => ({
    ...row,
    reason: toldOnly ? null : reasonCipher ? openReason(keyring, requestId, reasonCipher) : row.reason,
  }));
}
