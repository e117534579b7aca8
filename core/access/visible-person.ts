/** Persons and their records as one caller may see them; one statement for any number of persons. */
import type { Link } from '../audit/disclosure.ts';
import type { Queryable } from '../platform/db.ts';
import { numberValues, PERSONS_OF_NUMBER, RECORDS_OF_NUMBER, type AskedNumber } from './asked-number.ts';
import type { Caller } from './caller.ts';
import {
  CALLER_VALUES,
  callerValues,
  linkOf,
  ownRecord,
  readableRecord,
  recordMarks,
  shieldedPerson,
  toldMention,
  visiblePerson,
  withheldRecord,
  WITH_CALLER,
} from './predicate.ts';

/** A record of the index together with one mention on it. */
export interface VisibleMention {
  readonly mentionId: string;
  readonly personId: string | null;
  readonly organisationId: string | null;
  readonly ref: string;
  readonly role: string;
  readonly sex: 'MALE' | 'FEMALE' | 'UNKNOWN';
  readonly cipher: Buffer;
  /** Its key (`openMention`). */
  readonly wrapped: Buffer | null;
  readonly matchedBy: 'SINGLE' | 'CITIZEN_ID' | 'SCORE' | 'HUMAN';
  readonly score: number | null;
  /** The mention with which it was compared, or decided on, when it was joined; null for one joined by its number. */
  readonly matchedWith: string | null;
  readonly createdAt: Date;
  readonly joinedAt: Date;
  readonly recordId: string;
  readonly source: string;
  readonly kind: string;
  readonly keyCipher: Buffer;
  readonly at: Date;
  /** `recordMarks`. */
  readonly marks: number;
  /** The caller's own department holds it. */
  readonly own: boolean;
  /** Why the caller may see the person by this record; null: not by it. */
  readonly link: Link | null;
}

export interface VisiblePerson {
  readonly id: string;
  /** The strongest reason the caller has to see this person. */
  readonly link: Link;
  readonly mentions: readonly VisibleMention[];
  /** Classified records by department: counted, not shown. */
  readonly withheld: ReadonlyMap<string, number>;
  /** Protected from the caller (rule 7): telephones are shown as far as the caller's own records have them. */
  readonly shielded: boolean;
}

const mentionColumns = `
  m.id as "mentionId", m.person_id as "personId", m.organisation_id as "organisationId", m.ref, m.role, m.sex, m.cipher, k.wrapped,
  m.matched_by as "matchedBy", m.score, m.matched_with as "matchedWith", m.created_at as "createdAt", m.joined_at as "joinedAt", r.id as "recordId", r.source, r.kind,
  r.key_cipher as "keyCipher", r.occurred_at as at, ${recordMarks('r')} as marks`;

/** `asked`: ids of persons, as a row source with one column. */
const personsOf = (asked: string): string => `
${WITH_CALLER}
select asked.id as asked, ${mentionColumns}, ${ownRecord('r')} as own, ${linkOf('r')} as link, ${withheldRecord('r')} as withheld,
  shield.is_on as shielded
from ${asked} as asked (id)
join person p on p.id = asked.id
cross join lateral (select ${shieldedPerson('coalesce(p.survivor_id, p.id)')} as is_on offset 0) shield
join mention m on m.person_id = coalesce(p.survivor_id, p.id) and m.gone_at is null
join record r on r.id = m.record_id
left join data_key k on k.id = m.id
where (${readableRecord('r')} or ${withheldRecord('r')}) and ${toldMention('m', 'r')}
order by r.occurred_at desc, r.id desc`;

const PERSONS = personsOf(`unnest($${CALLER_VALUES + 1}::text[])`);

// Whom the caller has no reason to see is left out by `toPersons`, here as by id.
const BY_NUMBER = personsOf(PERSONS_OF_NUMBER);

export const LINKS: readonly Link[] = ['OWN_RECORD', 'DISPUTE', 'SUPERVISION'];

interface PersonRow extends VisibleMention {
  readonly asked: string;
  readonly withheld: boolean;
  readonly shielded: boolean;
}

/** By the id asked for (which may have been joined into another); persons whom the caller may not see are absent. */
export async function loadVisiblePersons(
  q: Queryable,
  caller: Caller,
  ids: readonly string[],
): Promise<ReadonlyMap<string, VisiblePerson>> {
  return toPersons(await q.query<PersonRow>(PERSONS, [...callerValues(caller), ids]));
}

/** Those whom a record of these departments that the caller may read names by this number; by person id. */
export const findPersonsOfNumber = async (
  q: Queryable,
  caller: Caller,
  number: AskedNumber,
): Promise<ReadonlyMap<string, VisiblePerson>> =>
  toPersons(await q.query<PersonRow>(BY_NUMBER, [...callerValues(caller), ...numberValues(number)]));

function toPersons(rows: readonly PersonRow[]): ReadonlyMap<string, VisiblePerson> {
  const byAsked = new Map<string, PersonRow[]>();
  for (const row of rows) {
    const known = byAsked.get(row.asked);
    if (known) known.push(row);
    else byAsked.set(row.asked, [row]);
  }
  const persons = new Map<string, VisiblePerson>();
  for (const [asked, mentions] of byAsked) {
    const link = LINKS.find((candidate) => mentions.some((row) => row.link === candidate));
    const [first] = mentions;
    if (link === undefined || !first?.personId) continue;
    const { personId: id, shielded } = first;
    const withheld = new Map<string, number>();
    for (const row of mentions) if (row.withheld) withheld.set(row.source, (withheld.get(row.source) ?? 0) + 1);
    persons.set(asked, { id, link, mentions: mentions.filter((row) => !row.withheld), withheld, shielded });
  }
  return persons;
}

// Whether the record itself is the caller's reason is found out once for all who are named on it.
const knownOn = (records: string): string => `
${WITH_CALLER}
select m.record_id as "recordId", m.ref, m.person_id as "personId", r.linked or ${visiblePerson('m.person_id')} as known
from (
  select r.id, r.source, r.office_id, r.protected, ${linkOf('r')} is not null as linked
  from record r where r.id = any (${records}) offset 0) r
join mention m on m.record_id = r.id and m.gone_at is null and m.person_id is not null and ${toldMention('m', 'r')}`;

const KNOWN = knownOn(`$${CALLER_VALUES + 1}`);
const KNOWN_OF_NUMBER = knownOn(`array(
  select id from ${RECORDS_OF_NUMBER} as known (id)
  union
  select beside.record_id from ${RECORDS_OF_NUMBER} as known (id)
  join dispute_record own on own.record_id = known.id and own.unlinked_at is null
  join dispute_record beside on beside.dispute_id = own.dispute_id and beside.unlinked_at is null)`);

/** Who is named on a record. */
export interface NamedPeople {
  /** Participant ref → person id, for the persons the caller may know. */
  readonly known: Readonly<Record<string, string>>;
}

interface KnownRow {
  readonly recordId: string;
  readonly ref: string;
  readonly personId: string;
  readonly known: boolean;
}

/** Of these records, who on them is whom. */
export const loadKnownPeople = async (
  q: Queryable,
  caller: Caller,
  recordIds: readonly string[],
): Promise<ReadonlyMap<string, NamedPeople>> =>
  toNamed(await q.query<KnownRow>(KNOWN, [...callerValues(caller), recordIds]));

/** The same of all records of those whom `findPersonsOfNumber` may find, and of those beside them in their disputes. */
export const loadKnownPeopleOfNumber = async (
  q: Queryable,
  caller: Caller,
  number: AskedNumber,
): Promise<ReadonlyMap<string, NamedPeople>> =>
  toNamed(await q.query<KnownRow>(KNOWN_OF_NUMBER, [...callerValues(caller), ...numberValues(number)]));

function toNamed(rows: readonly KnownRow[]): ReadonlyMap<string, NamedPeople> {
  const people = new Map<string, { known: Record<string, string> }>();
  for (const { recordId, ref, personId, known } of rows) {
    const of = people.get(recordId) ?? { known: {} };
    people.set(recordId, of);
    if (known) of.known[ref] = personId;
  }
  return people;
}

export interface PersonSearch {
  /** Only what these departments' records say is searched. */
  readonly sources: readonly string[];
  /** `searchTokens` of the name asked for. */
  readonly nameTokens?: readonly Buffer[];
  readonly phoneHash?: Buffer;
  readonly birthYear?: number;
  readonly placeId?: string;
  readonly afterId?: string;
  readonly limit: number;
}

/**
 * Ids of visible persons found by what readable records say of them, in the order of their ids. What the caller may not
 * read is not searched either: a hidden alias finds nobody.
 */
export async function searchPersons(q: Queryable, caller: Caller, search: PersonSearch): Promise<string[]> {
  const values = callerValues(caller);
  const conditions: string[] = [];
  const where = (value: unknown, condition: (parameter: string) => string): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  where(search.sources, (p) => `r.source = any (${p})`);
  where(search.nameTokens, (p) => `m.name_tokens @> ${p}::bytea[]`);
  where(search.phoneHash, (p) => `m.phone_hash = ${p} and (${ownRecord('r')} or not ${shieldedPerson('m.person_id')})`);
  where(search.birthYear, (p) => `m.birth_year = ${p}`);
  where(
    search.placeId,
    (p) => `exists (
      select from organisation here join organisation below on starts_with(below.path, here.path)
      where here.id = ${p} and below.id = r.place_id)`,
  );
  where(search.afterId, (p) => `m.person_id > ${p}`);
  values.push(search.limit);
  const rows = await q.query<{ id: string }>(
    `${WITH_CALLER}
     select distinct m.person_id as id
     from mention m join record r on r.id = m.record_id
     where m.gone_at is null and m.person_id is not null and ${conditions.join(' and ')}
       and ${readableRecord('r')} and ${toldMention('m', 'r')}
       and (${linkOf('r')} is not null or ${visiblePerson('m.person_id')})
     order by 1 limit $${values.length}`,
    values,
  );
  return rows.map(({ id }) => id);
}
