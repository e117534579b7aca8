/** The rows of disputes: written from what their records say, their texts sealed. */
import { isDestroyed, makeDataKey, storeAllDataKeys, type MadeKey } from '../platform/data-keys.ts';
import type { Queryable } from '../platform/db.ts';
import { AppError } from '../platform/errors.ts';
import type { Keyring } from '../platform/keyring.ts';
import { describeDispute, type DescribedRecord, type DisputeDescription } from './describe-dispute.ts';
import { sealText, textContext, type DisputeKey } from './dispute-text.ts';

export interface DisputeContext {
  readonly keyring: Keyring;
  readonly now: Date;
  /** Nobody is told of what follows: a first load, or nobody listens. */
  readonly quiet?: boolean;
  /** A first load: what may be one dispute without a reference is worked out when it is over. */
  readonly compareLater?: boolean;
}

/** A record that tells, or is about to tell, of a dispute. */
export interface Membership {
  readonly disputeId: string;
  readonly recordId: string;
}

type DescribedRow = DescribedRecord & { readonly disputeId: string };

// Participants come aggregated: a row per record, however many people it names.
const RECORDS = `with member as (
  select n.dispute_id, n.record_id from unnest($1::text[], $2::text[]) as n(dispute_id, record_id)
  union
  select l.dispute_id, l.record_id from dispute_record l where l.dispute_id = any($3) and l.unlinked_at is null
)
select l.dispute_id as "disputeId", r.id, r.source, r.category, r.occurred_at as at, r.place_id as "placeId",
  o.name as "placeName", r.channel, r.petition_purpose as "petitionPurpose", r.collective, r.accused_ids as "accusedIds",
  r.sealed or r.classified or r.gone_at is not null as hidden,
  coalesce((select jsonb_agg(jsonb_build_object('role', m.role, 'who', coalesce(m.person_id, m.organisation_id)))
    from mention m where m.record_id = r.id and m.gone_at is null), '[]') as participants
from member l join record r on r.id = l.record_id left join organisation o on o.id = r.place_id`;

/** Descriptions by dispute, from its live links and from `also`, which are not stored yet. */
export async function describeDisputes(
  q: Queryable,
  disputeIds: readonly string[],
  also: readonly Membership[] = [],
): Promise<Map<string, DisputeDescription>> {
  const rows = await q.query<DescribedRow>(RECORDS, [
    also.map(({ disputeId }) => disputeId),
    also.map(({ recordId }) => recordId),
    disputeIds,
  ]);
  const records = new Map<string, DescribedRow[]>();
  for (const row of rows) {
    const of = records.get(row.disputeId);
    if (of) of.push(row);
    else records.set(row.disputeId, [row]);
  }
  return new Map([...records].map(([id, of]) => [id, describeDispute(of)]));
}

/** Somebody has acted on dispute `d`, or has asked others to: no rule joins or rewrites it any more. */
export const isTouched = (d: string): string =>
  `(${d}.version > 1 or ${d}.description_cipher is not null or exists (select from referral f where f.dispute_id = ${d}.id))`;

// A number is given once; a county that runs out of six digits goes on with seven.
const INSERT = `insert into dispute (id, number, title_cipher, category, channels, place_id, petition_purpose, accused_ids,
  is_collective, opened_at)
select id, 'D' || extract(year from opened_at at time zone 'Asia/Shanghai') || '-' ||
    lpad(serial::text, greatest(6, length(serial::text)), '0'),
  title_cipher, category, channels::text[], place_id, petition_purpose, accused_ids::text[], is_collective, opened_at
from (
  select n.*, nextval('dispute_number') as serial
  from unnest($1::text[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[],
    $9::timestamptz[]) as n(id, title_cipher, category, channels, place_id, petition_purpose, accused_ids, is_collective, opened_at)
) numbered`;

const UPDATE = `update dispute d set title_cipher = coalesce(n.title_cipher, d.title_cipher), category = n.category,
  channels = n.channels::text[], place_id = n.place_id, petition_purpose = n.petition_purpose,
  accused_ids = n.accused_ids::text[], is_collective = n.is_collective, opened_at = n.opened_at
from unnest($1::text[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[],
  $9::timestamptz[]) as n(id, title_cipher, category, channels, place_id, petition_purpose, accused_ids, is_collective, opened_at)
where d.id = n.id`;

interface DisputeRow {
  readonly id: string;
  /** Null: the title stays as it is. */
  readonly title: Buffer | null;
  readonly description: DisputeDescription;
}

const values = (rows: readonly DisputeRow[]): unknown[] => [
  rows.map(({ id }) => id),
  rows.map(({ title }) => title),
  rows.map(({ description }) => description.category),
  rows.map(({ description }) => `{${description.channels.join(',')}}`),
  rows.map(({ description }) => description.placeId),
  rows.map(({ description }) => description.petitionPurpose),
  rows.map(({ description }) => `{${description.accusedIds.join(',')}}`),
  rows.map(({ description }) => description.isCollective),
  rows.map(({ description }) => description.openedAt),
];

/** New disputes with their numbers, as their records describe them. */
export async function insertDisputes(
  q: Queryable,
  { keyring }: DisputeContext,
  descriptions: ReadonlyMap<string, DisputeDescription>,
): Promise<void> {
  if (descriptions.size === 0) return;
  const keys: MadeKey[] = [];
  const rows = [...descriptions].map(([id, description]) => {
    const made = makeDataKey(keyring, id);
    keys.push(made);
    return { id, title: made.key.seal(description.title, textContext(id, 'title')), description };
  });
  await Promise.all([storeAllDataKeys(q, keyring, keys), q.query(INSERT, values(rows))]);
}

interface PresentDispute extends DisputeKey {
  readonly touched: boolean;
  readonly category: string;
  readonly placeId: string | null;
  readonly openedAt: Date;
}

/**
 * Brings disputes in line with their records. What a human has written or taken in hand keeps its title, category, place
 * and time; what guards it (channels, purpose, accused) follows the records always.
 */
export async function redescribeDisputes(
  q: Queryable,
  { keyring }: DisputeContext,
  disputeIds: readonly string[],
): Promise<void> {
  if (disputeIds.length === 0) return;
  const present = await q.query<PresentDispute>(
    `select d.id, k.wrapped, ${isTouched('d')} as touched, d.category, d.place_id as "placeId", d.opened_at as "openedAt"
     from dispute d left join data_key k on k.id = d.id
     where d.id = any($1) and d.survivor_id is null`,
    [disputeIds],
  );
  const described = await describeDisputes(q, disputeIds);
  const rows = present.flatMap(({ id, wrapped, touched, category, placeId, openedAt }): DisputeRow[] => {
    const description = described.get(id);
    if (!description) return [];
    if (touched || isDestroyed(wrapped))
      return [{ id, title: null, description: { ...description, category, placeId, openedAt } }];
    return [{ id, title: sealText(keyring, { id, wrapped }, 'title', description.title), description }];
  });
  if (rows.length > 0) await q.query(UPDATE, values(rows));
}

/** Every link that is made says by which rule or whom; a row of `dispute_record`. */
export interface NewLink extends Membership {
  readonly rule: 'FOUNDING' | 'CROSS_REFERENCE' | 'COMPARED' | 'DESK';
  /** Why, in the words of who linked it. */
  readonly reason?: SealedReason | null;
}

export interface SealedReason {
  /** The dispute whose key sealed it: that into which the record was linked first. */
  readonly owner: string;
  readonly cipher: Buffer;
}

const LINK = `insert into dispute_record (dispute_id, record_id, rule, reason_owner, reason_cipher, linked_by, linked_at)
select dispute_id, record_id, rule, reason_owner, reason_cipher, $6, $7
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[]) as n(dispute_id, record_id, rule, reason_owner, reason_cipher)`;

export async function insertLinks(q: Queryable, links: readonly NewLink[], by: string, now: Date): Promise<void> {
  if (links.length === 0) return;
  await q.query(LINK, [
    links.map(({ disputeId }) => disputeId),
    links.map(({ recordId }) => recordId),
    links.map(({ rule }) => rule),
    links.map(({ reason }) => reason?.owner ?? null),
    links.map(({ reason }) => reason?.cipher ?? null),
    by,
    now,
  ]);
}

/** Ends the links of these records, for a rule that gives them others: nobody took them out of anything. */
export async function unlinkByRule(q: Queryable, recordIds: readonly string[], rule: string, now: Date): Promise<void> {
  if (recordIds.length === 0) return;
  await q.query(
    `update dispute_record set unlinked_at = $2, unlinked_by = $3, unlink_reason = 'PARTED'
     where record_id = any($1) and unlinked_at is null`,
    [recordIds, now, rule],
  );
}

// A rule's name, whoever merged: nobody took the record out of anything.
const MOVE = `with left_behind as (
  update dispute_record l set unlinked_at = $3, unlinked_by = 'rule:merged/1', unlink_reason = 'MERGED'
  from unnest($1::text[], $2::text[]) as j(from_id, into_id)
  where l.dispute_id = j.from_id and l.unlinked_at is null
  returning l.record_id, j.into_id, l.rule, l.reason_owner, l.reason_cipher
)
select into_id as "disputeId", record_id as "recordId", rule, reason_owner as "reasonOwner", reason_cipher as "reasonCipher" from left_behind`;

interface MovedLink extends Membership {
  readonly rule: NewLink['rule'];
  readonly reasonOwner: string | null;
  readonly reasonCipher: Buffer | null;
}

const reasonOf = ({ reasonOwner: owner, reasonCipher: cipher }: MovedLink): SealedReason | null =>
  owner === null || cipher === null ? null : { owner, cipher };

// Ids that resolved to a dispute now merged resolve to its survivor: one step from any id.
const MERGE = `update dispute d set survivor_id = j.into_id
from unnest($1::text[], $2::text[]) as j(from_id, into_id)
where d.id = j.from_id or d.survivor_id = j.from_id`;

/**
 * The links of `from` are ended and made anew with `into`, by their old rule unless `why` is given; the id resolves to it from
 * now on. Returns the new links.
 */
export async function mergeDisputes(
  q: Queryable,
  merged: readonly { readonly from: string; readonly into: string }[],
  by: string,
  now: Date,
  why: Pick<NewLink, 'rule' | 'reason'> | null = null,
): Promise<Membership[]> {
  if (merged.length === 0) return [];
  const pairs = [merged.map(({ from }) => from), merged.map(({ into }) => into)];
  const left = await q.query<MovedLink>(MOVE, [...pairs, now]);
  const moved = left.map((link): NewLink => {
    const { disputeId, recordId, rule } = link;
    return { disputeId, recordId, rule, reason: reasonOf(link) };
  });
  await q.query(MERGE, pairs);
  await insertLinks(
    q,
    moved.map((link) => ({ ...link, ...why })),
    by,
    now,
  );
  return moved;
}

export interface HeldDispute {
  readonly id: string;
  readonly version: number;
  readonly category: string;
  readonly placeId: string | null;
  readonly channels: readonly string[];
  readonly accusedIds: readonly string[];
}

const HOLD = `select d.id, d.version, d.category, d.place_id as "placeId", d.channels, d.accused_ids as "accusedIds" from dispute d
where d.id = (select coalesce(survivor_id, id) from dispute where id = $1) for update`;

/** The dispute (or its survivor), held to the end of the transaction. NOT_FOUND, or CONFLICT with the version it has by now. */
export async function holdDispute(q: Queryable, disputeId: string, expectedVersion: number): Promise<HeldDispute> {
  const row = await q.maybeOne<HeldDispute>(HOLD, [disputeId]);
  if (!row) throw new AppError('NOT_FOUND', 'There is no such dispute.');
  if (row.version !== expectedVersion)
    throw new AppError('CONFLICT', 'The dispute has changed since you read it; read it again.', {
      details: { currentVersion: row.version },
    });
  return row;
}

export async function nextVersion(q: Queryable, disputeId: string): Promise<number> {
  const { version } = await q.one<{ version: number }>(
    'update dispute set version = version + 1 where id = $1 returning version',
    [disputeId],
  );
  return version;
}
