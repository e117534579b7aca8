/** Disputes as one caller may see them: by `visible`, and their records by the same conditions as everywhere. */
import type { Queryable } from '../platform/db.ts';
import { numberValues, PERSONS_OF_NUMBER, RECORDS_OF_NUMBER, type AskedNumber } from './asked-number.ts';
import type { Caller } from './caller.ts';
import {
  CALLER_VALUES,
  callerValues,
  hidesHome,
  linkOf,
  ownRecord,
  readableRecord,
  recordMarks,
  shieldedPerson,
  toldMention,
  visibleDispute,
  visiblePerson,
  withheldRecord,
  WITH_CALLER,
} from './predicate.ts';
import { visibleReferral } from './referral-sight.ts';

export interface VisibleDispute {
  readonly id: string;
  readonly number: string;
  readonly version: number;
  /** Of its texts (`openTitle`). */
  readonly wrapped: Buffer | null;
  readonly titleCipher: Buffer;
  readonly category: string;
  readonly channels: readonly string[];
  readonly placeId: string | null;
  readonly addressCipher: Buffer | null;
  readonly urgency: string;
  readonly stage: string;
  readonly isCollective: boolean;
  /** Opened by `openMissingDocuments`. */
  readonly missingDocuments: readonly string[];
  readonly missingDocumentsCipher: Buffer | null;
  readonly openedAt: Date;
  readonly resolvedAt: Date | null;
  /** Where it is leads to somebody's home who is protected: place, address and title are not for this caller. */
  readonly homeHidden: boolean;
}

const disputeColumns = `
  d.id, d.number, d.version, (select k.wrapped from data_key k where k.id = d.id) as wrapped, d.title_cipher as "titleCipher", d.category, d.channels, d.place_id as "placeId",
  d.address_cipher as "addressCipher", d.urgency, d.stage, d.is_collective as "isCollective",
  d.missing_documents as "missingDocuments", d.missing_documents_cipher as "missingDocumentsCipher", d.opened_at as "openedAt", d.resolved_at as "resolvedAt",
  ${hidesHome('d')} as "homeHidden"`;

/**
 * Rule 3: known by a record of one of these departments, or by a referral that the caller takes part in. What only departments
 * without a basis in force say of does not exist; what nobody says anything of any more stays.
 */
export const knownOnBasis = (d: string, sources: string): string => `(
  exists (select from dispute_record bl join record br on br.id = bl.record_id
    where bl.dispute_id = ${d}.id and bl.unlinked_at is null and br.gone_at is null and br.source = any (${sources})
      and ((not br.sealed and not br.classified) or ${ownRecord('br')}))
  or not exists (select from dispute_record bl join record br on br.id = bl.record_id
    where bl.dispute_id = ${d}.id and bl.unlinked_at is null and br.gone_at is null)
  or exists (select from (select ${d}.id union all select merged.id from dispute merged where merged.survivor_id = ${d}.id) it (id)
    join referral rf on rf.dispute_id = it.id where ${visibleReferral('rf.id', '$1')} offset 0))`;

const DISPUTES = `
${WITH_CALLER}
select asked.id as asked, ${disputeColumns}
from unnest($${CALLER_VALUES + 1}::text[]) as asked (id)
join dispute a on a.id = asked.id
join dispute d on d.id = coalesce(a.survivor_id, a.id)
where ${visibleDispute('d.id')} and ${knownOnBasis('d', `$${CALLER_VALUES + 2}`)}`;

/** By the id asked for; those that the caller may not see are absent. `sources`: `FieldDecision.joined`. */
export async function loadVisibleDisputes(
  q: Queryable,
  caller: Caller,
  ids: readonly string[],
  sources: ReadonlySet<string>,
): Promise<ReadonlyMap<string, VisibleDispute>> {
  const values = [...callerValues(caller), ids, [...sources]];
  const rows = await q.query<VisibleDispute & { asked: string }>(DISPUTES, values);
  return new Map(rows.map((row) => [row.asked, row]));
}

/** Who is named on a record, as the index has them. */
export interface DisputeMention {
  readonly mentionId: string;
  readonly personId: string | null;
  readonly organisationId: string | null;
  readonly ref: string;
  readonly role: string;
  readonly cipher: Buffer;
  /** Its key (`openMention`). */
  readonly wrapped: Buffer | null;
}

export interface DisputeRecord {
  readonly disputeId: string;
  readonly recordId: string;
  readonly source: string;
  readonly kind: string;
  readonly keyCipher: Buffer;
  readonly at: Date;
  /** `recordMarks`. */
  readonly marks: number;
  readonly linkedAt: Date;
  /** How it came to the dispute: FOUNDING, CROSS_REFERENCE, HUMAN. */
  readonly rule: string;
  readonly own: boolean;
  /** Classified: to be counted only. */
  readonly withheld: boolean;
  /** Nobody, where the department names nobody. */
  readonly mentions: readonly DisputeMention[];
}

/** `disputes`: what ids of disputes are compared with. */
const recordsOf = (disputes: string): string => `
${WITH_CALLER}
select l.dispute_id as "disputeId", l.linked_at as "linkedAt", l.rule, r.id as "recordId", r.source, r.kind,
  r.key_cipher as "keyCipher", r.occurred_at as at, ${recordMarks('r')} as marks, ${ownRecord('r')} as own, ${withheldRecord('r')} as withheld,
  m.id as "mentionId", m.person_id as "personId", m.organisation_id as "organisationId", m.ref, m.role, m.cipher, k.wrapped
from dispute_record l
join record r on r.id = l.record_id
left join mention m on m.record_id = r.id and m.gone_at is null and ${toldMention('m', 'r')}
left join data_key k on k.id = m.id
where l.dispute_id = any (${disputes}) and l.unlinked_at is null
  and ${visibleDispute('l.dispute_id')} and (${readableRecord('r')} or ${withheldRecord('r')})
order by r.occurred_at desc, r.id desc, m.ref`;

const RECORDS = recordsOf(`$${CALLER_VALUES + 1}`);

/** `records`: what ids of records are compared with. */
const besideRecords = (records: string): string =>
  recordsOf(`array(
  select beside.dispute_id from dispute_record beside
  where beside.record_id = any (${records}) and beside.unlinked_at is null)`);

const RECORDS_BESIDE = besideRecords(`$${CALLER_VALUES + 1}`);
const RECORDS_BESIDE_NUMBER = besideRecords(`array(select id from ${RECORDS_OF_NUMBER} as known (id))`);

type Nullable<T> = { readonly [Key in keyof T]: T[Key] | null };

type RecordRow = Omit<DisputeRecord, 'mentions'> & Nullable<DisputeMention>;

function toRecords(rows: readonly RecordRow[]): DisputeRecord[] {
  const records = new Map<string, DisputeRecord & { mentions: DisputeMention[] }>();
  for (const { mentionId, personId, organisationId, ref, role, cipher, wrapped, ...record } of rows) {
    const known = records.get(record.recordId) ?? { ...record, mentions: [] };
    records.set(record.recordId, known);
    if (mentionId !== null && ref !== null && role !== null && cipher !== null) {
      known.mentions.push({ mentionId, personId, organisationId, ref, role, cipher, wrapped });
    }
  }
  return [...records.values()];
}

/** The records of these disputes that the caller may read (or is to be told the number of), newest first. */
export const loadDisputeRecords = async (
  q: Queryable,
  caller: Caller,
  disputeIds: readonly string[],
): Promise<DisputeRecord[]> => toRecords(await q.query<RecordRow>(RECORDS, [...callerValues(caller), disputeIds]));

/** The same of all disputes of which any of these records tells. */
export const loadRecordsBeside = async (
  q: Queryable,
  caller: Caller,
  recordIds: readonly string[],
): Promise<DisputeRecord[]> =>
  toRecords(await q.query<RecordRow>(RECORDS_BESIDE, [...callerValues(caller), recordIds]));

/** The same of all disputes of which any record tells of those whom `findPersonsOfNumber` may find. */
export const loadDisputeRecordsOfNumber = async (
  q: Queryable,
  caller: Caller,
  number: AskedNumber,
): Promise<DisputeRecord[]> =>
  toRecords(await q.query<RecordRow>(RECORDS_BESIDE_NUMBER, [...callerValues(caller), ...numberValues(number)]));

const OF_RECORDS = `
${WITH_CALLER}
select l.record_id as "recordId", l.dispute_id as "disputeId"
from dispute_record l join record r on r.id = l.record_id
where l.record_id = any ($${CALLER_VALUES + 1}) and l.unlinked_at is null
  and r.source = any ($${CALLER_VALUES + 2}) and ${readableRecord('r')} and ${visibleDispute('l.dispute_id')}`;

/** The dispute that a record tells of, for records of these departments that the caller may read. */
export async function loadDisputesOfRecords(
  q: Queryable,
  caller: Caller,
  recordIds: readonly string[],
  sources: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const rows = await q.query<{ recordId: string; disputeId: string }>(OF_RECORDS, [
    ...callerValues(caller),
    recordIds,
    [...sources],
  ]);
  return new Map(rows.map((row) => [row.recordId, row.disputeId]));
}

const OF_MENTIONS = `
${WITH_CALLER}
select m.id, (${ownRecord('r')} or m.person_id is null or not ${shieldedPerson('m.person_id')}) as "byPhone"
from mention m join record r on r.id = m.record_id
join dispute_record l on l.record_id = r.id and l.unlinked_at is null
-- They are looked for by the place.
join dispute d on d.id = l.dispute_id and not ${hidesHome('d')}
where m.id = any ($${CALLER_VALUES + 1}) and r.source = any ($${CALLER_VALUES + 2})
  and ${readableRecord('r')} and ${toldMention('m', 'r')} and ${visibleDispute('l.dispute_id')}`;

/** Of these mentions, those of records of these departments by which the caller may be told that they are in a dispute. */
export async function loadTellingMentions(
  q: Queryable,
  caller: Caller,
  mentionIds: readonly string[],
  sources: ReadonlySet<string>,
): Promise<ReadonlyMap<string, { readonly byPhone: boolean }>> {
  const values = [...callerValues(caller), mentionIds, [...sources]];
  const rows = await q.query<{ id: string; byPhone: boolean }>(OF_MENTIONS, values);
  return new Map(rows.map(({ id, byPhone }) => [id, { byPhone }]));
}

/** `persons`: ids of persons, as a row source with one column. */
const disputesOf = (persons: string): string => `
${WITH_CALLER}
select asked.id as "personId", ${disputeColumns}
from ${persons} as asked (id)
cross join lateral (
  select v.dispute_id as id from visible v
  where v.organisation_id = $1 and v.dispute_id in (
    select l.dispute_id
    from mention m join record r on r.id = m.record_id join dispute_record l on l.record_id = r.id and l.unlinked_at is null
    where m.person_id = asked.id and m.gone_at is null and r.source = any ($${CALLER_VALUES + 2})
      and ${readableRecord('r')} and ${toldMention('m', 'r')})
) found
join dispute d on d.id = found.id
order by d.opened_at desc, d.id desc`;

const OF_PERSONS = disputesOf(`unnest($${CALLER_VALUES + 1}::text[])`);
const OF_NUMBER = disputesOf(PERSONS_OF_NUMBER);

export interface PersonDispute extends VisibleDispute {
  readonly personId: string;
}

/** Visible disputes to which each of these persons is a party by a record of these departments, newest first. */
export const loadDisputesOfPersons = (
  q: Queryable,
  caller: Caller,
  personIds: readonly string[],
  sources: ReadonlySet<string>,
): Promise<PersonDispute[]> => q.query<PersonDispute>(OF_PERSONS, [...callerValues(caller), personIds, [...sources]]);

/** The same of those whom `findPersonsOfNumber` may find. */
export const loadDisputesOfNumber = (q: Queryable, caller: Caller, number: AskedNumber): Promise<PersonDispute[]> =>
  q.query<PersonDispute>(OF_NUMBER, [...callerValues(caller), ...numberValues(number)]);

export interface DisputeSearch {
  /** `FieldDecision.joined`. */
  readonly sources: ReadonlySet<string>;
  readonly stage?: readonly string[];
  readonly category?: readonly string[];
  readonly urgency?: readonly string[];
  readonly placeId?: string;
  readonly openedFrom?: Date;
  readonly openedTo?: Date;
  /** A dispute's number. */
  readonly number?: string;
  /** Categories and places whose names hold the text asked for. */
  readonly textCategories?: readonly string[];
  readonly textPlaceIds?: readonly string[];
  readonly order: 'asc' | 'desc';
  readonly after?: { readonly openedAt: Date; readonly id: string };
  readonly limit: number;
}

/** A page of the caller's disputes by the index of `visible`; one row per dispute. */
export function searchDisputes(q: Queryable, caller: Caller, search: DisputeSearch): Promise<VisibleDispute[]> {
  const values = callerValues(caller);
  const conditions = ['v.organisation_id = $1'];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const where = (value: unknown, condition: (p: string) => string): void => {
    if (value !== undefined) conditions.push(condition(parameter(value)));
  };
  where([...search.sources], (p) => knownOnBasis('d', p));
  where(search.stage, (p) => `d.stage = any (${p})`);
  where(search.category, (p) => `d.category = any (${p})`);
  where(search.urgency, (p) => `d.urgency = any (${p})`);
  where(search.openedFrom, (p) => `v.opened_at >= ${p}`);
  where(search.openedTo, (p) => `v.opened_at <= ${p}`);
  where(
    search.placeId,
    (p) => `(exists (
      select from organisation here join organisation below on starts_with(below.path, here.path)
      where here.id = ${p} and below.id = d.place_id) and not ${hidesHome('d')})`,
  );
  if (search.number !== undefined || search.textCategories !== undefined || search.textPlaceIds !== undefined) {
    conditions.push(`(d.number = ${parameter(search.number ?? '')}
      or d.category = any (${parameter(search.textCategories ?? [])})
      or (d.place_id = any (${parameter(search.textPlaceIds ?? [])}) and not ${hidesHome('d')}))`);
  }
  if (search.after) {
    const [at, id] = [parameter(search.after.openedAt), parameter(search.after.id)];
    conditions.push(`(v.opened_at, v.dispute_id) ${search.order === 'asc' ? '>' : '<'} (${at}, ${id})`);
  }
  return q.query<VisibleDispute>(
    `${WITH_CALLER}
     select ${disputeColumns} from visible v join dispute d on d.id = v.dispute_id
     where ${conditions.join(' and ')}
     order by v.opened_at ${search.order}, v.dispute_id ${search.order} limit ${parameter(search.limit)}`,
    values,
  );
}

const MAY_READ = `
${WITH_CALLER}
select from record r where r.id = $${CALLER_VALUES + 1} and ${readableRecord('r')}
  and (${linkOf('r')} is not null or exists (
    select from mention m where m.record_id = r.id and m.gone_at is null and ${toldMention('m', 'r')} and ${visiblePerson('m.person_id')}))`;

/** The caller comes to this record by a link of its own or by a person whom it may see; knowing its key is not enough. */
export async function mayReadRecord(q: Queryable, caller: Caller, recordId: string): Promise<boolean> {
  return (await q.query(MAY_READ, [...callerValues(caller), recordId])).length > 0;
}
