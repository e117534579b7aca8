/** The index of who has which record where: stores a page of changes, record by record as it is now, and joins its people. */
import { setImmediate as othersTurn } from 'node:timers/promises';
import type { Change } from '../department.ts';
import type { DepartmentRecord } from '../department-record.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import {
  mentionId,
  recordId,
  sealKey,
  toMentionRow,
  toRecordRow,
  type MentionRow,
  type RecordRow,
} from './index-row.ts';
import { JOIN_LOCK, joinPeople, lookAroundChanges } from './join-people.ts';
import type { JoinContext } from './store-joining.ts';
import { loadMatcher } from './matcher.ts';
import { findMentionKeys } from './mention-key.ts';

/** What a page changed; unchanged records are in none of the lists. */
export interface IndexChanges {
  /** Ids of records that are new, changed or back. */
  readonly changed: readonly string[];
  readonly gone: readonly string[];
  /** How many more records the department holds than before. */
  readonly growth: number;
  /** Codes of accused organisations that the tree does not have. */
  readonly unknownAccused: number;
}

interface StoredRecord {
  readonly id: string;
  readonly digest: Buffer;
  readonly gone: boolean;
}

const PUT = `insert into record (id, source, key_hash, key_cipher, number_hash, kind, category, occurred_at, office_id, place_id,
  sealed, classified, protected, accused_ids, channel, petition_purpose, collective, digest, first_seen_at, changed_at)
select id, source, key_hash, key_cipher, number_hash, kind, category, occurred_at, office_id, place_id,
  sealed, classified, protected, accused_ids::text[], channel, petition_purpose, collective, digest, $19, $19
from unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::text[], $7::text[], $8::timestamptz[],
  $9::text[], $10::text[], $11::boolean[], $12::boolean[], $13::boolean[], $14::text[], $15::text[], $16::text[],
  $17::boolean[], $18::bytea[])
  as n(id, source, key_hash, key_cipher, number_hash, kind, category, occurred_at, office_id, place_id,
    sealed, classified, protected, accused_ids, channel, petition_purpose, collective, digest)
on conflict (id) do update set number_hash = excluded.number_hash, kind = excluded.kind, category = excluded.category,
  occurred_at = excluded.occurred_at, office_id = excluded.office_id, place_id = excluded.place_id,
  sealed = excluded.sealed, classified = excluded.classified, protected = excluded.protected,
  accused_ids = excluded.accused_ids, channel = excluded.channel, petition_purpose = excluded.petition_purpose,
  collective = excluded.collective, digest = excluded.digest, changed_at = excluded.changed_at, gone_at = null`;

const FORGET_REFERENCES = 'delete from record_reference where record_id = any($1)';

const REFER = `insert into record_reference (record_id, source, number_hash)
select * from unnest($1::text[], $2::text[], $3::bytea[]) on conflict do nothing`;

/** Stores record rows as given and their references; `existing` are those of them that were stored before. */
export async function putRecords(
  tx: Tx,
  { keyring, now }: JoinContext,
  rows: readonly RecordRow[],
  existing: readonly string[],
): Promise<void> {
  if (rows.length === 0) return;
  const references = rows.flatMap((row) => row.references.map((reference) => ({ id: row.id, ...reference })));
  const put = tx.query(PUT, [
    rows.map((row) => row.id),
    rows.map((row) => row.source),
    rows.map((row) => row.keyHash),
    rows.map((row) => sealKey(keyring, row)),
    rows.map((row) => row.numberHash),
    rows.map((row) => row.kind),
    rows.map((row) => row.category),
    rows.map((row) => row.at),
    rows.map((row) => row.officeId),
    rows.map((row) => row.placeId),
    rows.map((row) => row.sealed),
    rows.map((row) => row.classified),
    rows.map((row) => row.protected),
    // Ids of ours, letters and digits: an array written out needs no quotes.
    rows.map((row) => `{${row.accusedIds.join(',')}}`),
    rows.map((row) => row.channel),
    rows.map((row) => row.petitionPurpose),
    rows.map((row) => row.collective),
    rows.map((row) => row.digest),
    now,
  ]);
  const forgotten = existing.length > 0 ? tx.query(FORGET_REFERENCES, [existing]) : null;
  const referred =
    references.length > 0
      ? tx.query(REFER, [
          references.map(({ id }) => id),
          references.map(({ source }) => source),
          references.map((reference) => reference.numberHash),
        ])
      : null;
  await Promise.all([put, forgotten, referred]);
}

/** The last word of a page on each record: a department may tell of one twice. */
function lastWords(changes: readonly Change[]): Map<string, DepartmentRecord | null> {
  const words = new Map<string, DepartmentRecord | null>();
  for (const change of changes) {
    if (change.type === 'upsert') words.set(change.record.key, change.record);
    else words.set(change.key, null);
  }
  return words;
}

async function organisationIds(q: Queryable, records: readonly DepartmentRecord[]): Promise<Map<string, string>> {
  const codes = new Set(records.flatMap(({ office, place, accused }) => [office ?? [], place ?? [], accused].flat()));
  if (codes.size === 0) return new Map();
  const rows = await q.query<{ code: string; id: string }>('select code, id from organisation where code = any($1)', [
    [...codes],
  ]);
  return new Map(rows.map(({ code, id }) => [code, id]));
}

/** A page of changes as rows of the index, whatever is stored of them. */
export interface PreparedPage {
  readonly records: readonly { readonly row: RecordRow; readonly mentions: readonly MentionRow[] }[];
  /** Ids of records that the department no longer holds. */
  readonly deleted: readonly string[];
  readonly unknownAccused: number;
}

/** Between so many records whoever waits for this process's turn gets it: a page is a third of a second's work. */
const RECORDS_AT_ONCE = 20;

/** What is dear and needs no lock: hashes, ciphers, tokens. `compareLater` as the page is stored with. */
export async function preparePage(
  q: Queryable,
  { keyring, compareLater = false }: Pick<JoinContext, 'keyring' | 'compareLater'>,
  source: string,
  changes: readonly Change[],
): Promise<PreparedPage> {
  const words = lastWords(changes);
  const told = [...words.values()].filter((record) => record !== null);
  const [organisations, keys, matcher] = await Promise.all([
    organisationIds(q, told),
    findMentionKeys(q, keyring, told),
    compareLater ? { readAddress: null } : loadMatcher(q, keyring),
  ]);
  const records: { row: RecordRow; mentions: MentionRow[] }[] = [];
  for (const record of told) {
    const row = toRecordRow(keyring, record, organisations);
    const named = new Map(record.participants.map((participant) => [participant.ref, participant]));
    const mentions = [...named.values()].map((participant) => {
      const id = mentionId(keyring, record, participant.ref);
      return toMentionRow(keyring, row, participant, keys.get(id) ?? { id, wrapped: null }, matcher);
    });
    records.push({ row, mentions });
    if (records.length % RECORDS_AT_ONCE === 0) await othersTurn();
  }
  const codes = new Set(told.flatMap(({ accused }) => accused));
  return {
    records,
    deleted: [...words].flatMap(([key, record]) => (record === null ? [recordId(keyring, source, key)] : [])),
    unknownAccused: [...codes].filter((code) => !organisations.has(code)).length,
  };
}

/** Takes `JOIN_LOCK` to the end of the transaction. Reading the same again writes nothing. */
export async function indexRecords(tx: Tx, context: JoinContext, page: PreparedPage): Promise<IndexChanges> {
  const ids = [...page.records.map(({ row }) => row.id), ...page.deleted];
  const stored = new Map(
    (
      await tx.query<StoredRecord>('select id, digest, gone_at is not null as gone from record where id = any($1)', [
        ids,
      ])
    ).map((row) => [row.id, row]),
  );
  const news = page.records.filter(({ row }) => {
    const before = stored.get(row.id);
    return !before || before.gone || !before.digest.equals(row.digest);
  });
  const rows = news.map(({ row }) => row);
  const gone = page.deleted.filter((id) => stored.get(id)?.gone === false);
  const existing = rows.flatMap(({ id }) => (stored.has(id) ? [id] : []));
  const changed = {
    changed: rows.map(({ id }) => id),
    gone,
    growth: rows.filter(({ id }) => stored.get(id)?.gone ?? true).length - gone.length,
    unknownAccused: page.unknownAccused,
  };
  if (rows.length + gone.length === 0) return changed;

  // Everything dear is done: what comes now is done by one at a time.
  await tx.lock(JOIN_LOCK);
  const mentions = { put: news.flatMap(({ mentions }) => mentions), replace: [...existing, ...gone] };
  // Statements go to the database in the order in which they are asked for: records first, then who is named on them.
  // Nobody waits for an answer that is not needed, so that it stores these while it is worked out who is who.
  const around = lookAroundChanges(tx, context, mentions);
  await Promise.all([
    putRecords(tx, context, rows, existing),
    gone.length > 0 ? tx.query('update record set gone_at = $2 where id = any($1)', [gone, context.now]) : null,
    around.then((found) => joinPeople(tx, context, mentions, found)),
  ]);
  return changed;
}
