/**
 * Erasing a person (个人信息保护法 47): the keys of all that records say of them, what they are found by, and what was sealed. The
 * rows stay, so that history keeps its parties and every proof holds; they say nothing any more.
 */
import { destroyDataKeys } from '../platform/data-keys.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { AppError } from '../platform/errors.ts';

export interface Erasable {
  /** The id that the others resolve to. */
  readonly id: string;
  /** All ids of this human being, the survivor's first. */
  readonly personIds: readonly string[];
  /** What records say, or said, of them: those not yet erased. */
  readonly mentionIds: readonly string[];
}

const FAMILY = `select p.id from person p where p.id = $1 or p.survivor_id = $1 order by p.id <> $1, p.id`;

// Mentions that are gone too: they hold the same.
const MENTIONS = `select m.id from mention m where m.person_id = any($1)
  and not exists (select from data_key k where k.id = m.id and k.wrapped = '') order by m.id`;

/** By any id of theirs. Throws NOT_FOUND. */
export async function findErasable(q: Queryable, personId: string): Promise<Erasable> {
  const row = await q.maybeOne<{ id: string }>('select coalesce(survivor_id, id) as id from person where id = $1', [
    personId,
  ]);
  if (!row) throw new AppError('NOT_FOUND', 'There is no such person.');
  const personIds = (await q.query<{ id: string }>(FAMILY, [row.id])).map(({ id }) => id);
  const mentionIds = (await q.query<{ id: string }>(MENTIONS, [personIds])).map(({ id }) => id);
  return { id: row.id, personIds, mentionIds };
}

// Its place on the record is free for whomever the department names there from now on. The name's hash is of nothing. The record's
// own digest stays: by it the department's old words, told again, are known to be nothing new.
const EMPTY = `
update mention m set ref = 'erased/' || m.id, sex = 'UNKNOWN', cipher = '', name_hash = sha256(convert_to('erased/' || m.id, 'UTF8')),
  name_tokens = '{}', citizen_id_hash = null, birth_hash = null, phone_hash = null, birth_year = null,
  name_day = null, born_first = null, born_last = null, name_phone = null,
  gone_at = coalesce(m.gone_at, now())
from data_key k where k.id = m.id and k.wrapped = '' and m.cipher <> ''`;

// A question about somebody of whom nothing is known any more; decided ones stay, without what was written of either.
const FORGET_REVIEWS = `
delete from identity_review r using data_key k
where r.status = 'OPEN' and k.wrapped = '' and k.id in (r.a_mention_id, r.b_mention_id)`;
const FORGET_WORDS = `
update identity_review r set reason_cipher = null, evidence = '[]', score = null, accepted_before = null from data_key k
where k.wrapped = '' and k.id in (r.a_mention_id, r.b_mention_id)
  and (r.reason_cipher is not null or r.evidence <> '[]' or r.accepted_before is not null)`;

// Who waits to be compared does so in the order of birth dates.
const FORGET_TURN = `
update match_waiting w set around = 0 from data_key k where k.id = w.person_id and k.wrapped = '' and w.around <> 0`;

// By the hash of their number, looks for it are found beside the log; unless it is somebody else's number as well.
const FORGOTTEN = `
with forgotten as (
  select distinct m.citizen_id_hash as hash from mention m join data_key k on k.id = m.id and k.wrapped = ''
  where m.citizen_id_hash is not null and not exists (
    select from mention other left join data_key theirs on theirs.id = other.id
    where other.citizen_id_hash = m.citizen_id_hash and theirs.wrapped is distinct from ''))`;

// In this order, each a statement: it waits for the sequencer, and what that has moved meanwhile is seen by the next only.
const FORGET_NUMBERS_WAITING = `${FORGOTTEN}
update audit_entry set about = array(select id from unnest(about) as told(id) where id not in (select encode(hash, 'hex') from forgotten))
where about && array(select encode(hash, 'hex') from forgotten)`;
const FORGET_NUMBERS = `${FORGOTTEN}
delete from audit_about where about in (select encode(hash, 'hex') from forgotten)`;

// Nor is anything proposed any more by who they were.
const COMPARE_AGAIN = `
insert into dispute_link_waiting (record_id)
select distinct m.record_id from mention m join data_key k on k.id = m.id and k.wrapped = '' where m.cipher <> '' on conflict do nothing`;

// Why somebody looked at them, in the looker's words: of all whom that one request showed, in however many parts; also where nobody was
// resolved and it was of a record, or of a dispute, that names them.
const FORGET_REASONS = `
with named as (
  select distinct m.record_id as id from mention m join data_key k on k.id = m.id and k.wrapped = ''
), theirs as (
  select d.at, d.organisation_id, d.subject, d.request_id from disclosure d join data_key k on k.id = d.person_id and k.wrapped = ''
  union
  select d.at, d.organisation_id, d.subject, d.request_id from disclosure d join named on d.person_id is null and d.record_id = named.id
  union
  select d.at, d.organisation_id, d.subject, d.request_id from named join dispute_record l on l.record_id = named.id
  join disclosure d on d.person_id is null and d.record_id is null and d.dispute_id = l.dispute_id
)
update disclosure d set reason = null, reason_cipher = null from theirs
where d.organisation_id = theirs.organisation_id and d.subject = theirs.subject and d.request_id = theirs.request_id
  and d.at between theirs.at - interval '1 hour' and theirs.at + interval '1 hour'
  and (d.reason is not null or d.reason_cipher is not null)`;

/** Empties whatever still stands of mentions whose keys are destroyed: at once, and after a backup from before was restored. */
export async function emptyErased(q: Queryable): Promise<void> {
  await q.query(FORGET_NUMBERS_WAITING);
  await q.query(FORGET_NUMBERS);
  await q.query(COMPARE_AGAIN);
  await q.query(EMPTY);
  await q.query(FORGET_REASONS);
  await q.query(FORGET_REVIEWS);
  await q.query(FORGET_WORDS);
  await q.query(FORGET_TURN);
}

/** Under `JOIN_LOCK`. */
export async function eraseMentions(tx: Tx, { personIds, mentionIds }: Erasable): Promise<void> {
  await destroyDataKeys(tx, [...personIds, ...mentionIds]);
  await emptyErased(tx);
}
