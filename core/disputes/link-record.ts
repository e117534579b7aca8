/** A human says that a record tells of a dispute, or that it does not. */
import { refreshVisible } from '../access/visible.ts';
import { recordId } from '../people/index-row.ts';
import { JOIN_LOCK } from '../people/join-people.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { AppError, badInput } from '../platform/errors.ts';
import type { Keyring } from '../platform/keyring.ts';
import { readDataKeys } from '../platform/data-keys.ts';
import type { ChangedDispute } from './add-party.ts';
import { atMost, required, type DeskContext } from './desk-record.ts';
import { holdDispute, insertLinks, mergeDisputes, nextVersion, redescribeDisputes, isTouched } from './dispute-row.ts';
import { sealText, type LinkText } from './dispute-text.ts';
import { gatherDisputes } from './gather-disputes.ts';
import { tellLinked } from './tell-dispute.ts';
import { waitForComparing } from './wait-for-comparing.ts';

export interface RecordLink {
  readonly disputeId: string;
  readonly expectedVersion: number;
  /** By the department's own key. */
  readonly record: { readonly source: string; readonly key: string };
  readonly reason: string;
}

/** Null when the index has no such record, or the department no longer holds it. */
export async function findRecordId(
  q: Queryable,
  keyring: Keyring,
  { source, key }: RecordLink['record'],
): Promise<string | null> {
  const row = await q.maybeOne<{ id: string }>(
    'select id from record where id = $1 and source = $2 and gone_at is null',
    [
      // A record of the desk has its id for a key.
      source === 'CENTRE' ? key : recordId(keyring, source, key),
      source,
    ],
  );
  return row?.id ?? null;
}

const HOME = `select l.dispute_id as "disputeId", ${isTouched('d')} as touched,
  (select count(*) from dispute_record o where o.dispute_id = l.dispute_id and o.unlinked_at is null) as records
from dispute_record l join dispute d on d.id = l.dispute_id
where l.record_id = $1 and l.unlinked_at is null`;

// 信访工作条例 30: the accused would lose sight of their own matter, and know; and come to the accusation by what is left.
const KEPT_APART = `
with home as (
  select dispute_id as id from dispute_record where record_id = $2 and unlinked_at is null
), side as (
  select true as is_record, r.office_id, r.accused_ids from record r where r.id = $2
  union all
  select true, r.office_id, r.accused_ids from home join dispute_record l on l.dispute_id = home.id join record r on r.id = l.record_id
  where l.unlinked_at is null and r.gone_at is null
  union all
  select true, null, d.accused_ids from home join dispute d on d.id = home.id
  union all
  select true, party.organisation_id, '{}' from home join referral f on f.dispute_id = home.id
  join referral_party party on party.referral_id = f.id
  union all
  select false, r.office_id, r.accused_ids from dispute_record l join record r on r.id = l.record_id
  where l.dispute_id = $1 and l.unlinked_at is null and r.gone_at is null
  union all
  select false, null, d.accused_ids from dispute d where d.id = $1
  union all
  select false, party.organisation_id, '{}' from referral f join referral_party party on party.referral_id = f.id
  where f.dispute_id = $1
)
select from side a join side b on a.is_record <> b.is_record
join organisation accused on accused.id = any (a.accused_ids)
join organisation office on office.id = b.office_id and starts_with(office.path, accused.path) limit 1`;

/** ROUTING_FORBIDDEN when it, or the dispute that it tells of, is kept from those who hold the other, or the other way round. */
export async function refuseKeptApart(tx: Tx, disputeId: string, recordId: string): Promise<void> {
  if ((await tx.maybeOne(KEPT_APART, [disputeId, recordId])) !== null)
    throw new AppError('ROUTING_FORBIDDEN', 'An accusation is not joined with what those it is against hold.');
}

/** What somebody said of a record and a dispute, under the dispute's key. */
export async function sealReason(
  tx: Tx,
  keyring: Keyring,
  disputeId: string,
  text: LinkText,
  reason: string,
): Promise<Buffer> {
  const wrapped = (await readDataKeys(tx, [disputeId])).get(disputeId) ?? null;
  return sealText(keyring, { id: disputeId, wrapped }, text, reason);
}

interface Home {
  readonly disputeId: string;
  readonly touched: boolean;
  readonly records: number;
}

async function holdRecord(
  tx: Tx,
  { keyring }: DeskContext,
  input: RecordLink,
): Promise<{ id: string; home: Home | null }> {
  const id = await findRecordId(tx, keyring, input.record);
  if (id === null) throw new AppError('NOT_FOUND', 'There is no such record.', { details: { field: 'input.record' } });
  return { id, home: await tx.maybeOne<Home>(HOME, [id]) };
}

/**
 * Refuses a record that tells of another dispute already; take it out there first. One that only founded a dispute of its
 * own, which nobody has acted on, brings that dispute along: its id resolves to this one from now on.
 */
export async function linkRecord(tx: Tx, context: DeskContext, input: RecordLink): Promise<ChangedDispute> {
  const { now, subject } = context;
  const reason = required(input.reason, 'input.reason');
  atMost(reason, 10_000, 'input.reason');
  await tx.lock(JOIN_LOCK);
  const dispute = await holdDispute(tx, input.disputeId, input.expectedVersion);
  const { id, home } = await holdRecord(tx, context, input);
  if (home?.disputeId === dispute.id) throw badInput('input.record', 'The record is linked with this dispute already.');
  if (home && (home.touched || home.records > 1))
    throw badInput('input.record', 'The record is linked with another dispute; unlink it there first.');
  await refuseKeptApart(tx, dispute.id, id);
  const cipher = await sealReason(tx, context.keyring, dispute.id, `link/${id}`, reason);
  const why = { rule: 'DESK', reason: { owner: dispute.id, cipher } } as const;
  // It brings along only itself: its dispute had no other record.
  if (home) await mergeDisputes(tx, [{ from: home.disputeId, into: dispute.id }], subject, now, why);
  else await insertLinks(tx, [{ disputeId: dispute.id, recordId: id, ...why }], subject, now);
  const version = await nextVersion(tx, dispute.id);
  await redescribeDisputes(tx, context, [dispute.id]);
  refreshVisible(tx, [dispute.id, ...(home ? [home.disputeId] : [])]);
  await tellLinked(tx, now, [{ disputeId: dispute.id, recordId: id }]);
  await waitForComparing(tx, [id]);
  return { disputeId: dispute.id, version };
}

/**
 * The link's row stays, with when, who and why. A record that is a dispute by itself goes on as one of its own; no rule
 * puts it back where a human took it out.
 */
export async function unlinkRecord(tx: Tx, context: DeskContext, input: RecordLink): Promise<ChangedDispute> {
  const { now, subject } = context;
  const reason = required(input.reason, 'input.reason');
  atMost(reason, 10_000, 'input.reason');
  await tx.lock(JOIN_LOCK);
  const dispute = await holdDispute(tx, input.disputeId, input.expectedVersion);
  const { id, home } = await holdRecord(tx, context, input);
  if (home?.disputeId !== dispute.id) throw badInput('input.record', 'The record is not linked with this dispute.');
  if (home.records === 1) throw badInput('input.record', 'It is the only record of this dispute and stays with it.');
  const cipher = await sealReason(tx, context.keyring, dispute.id, `unlink/${id}`, reason);
  await tx.query(
    `update dispute_record set unlinked_at = $3, unlinked_by = $4, unlink_reason = 'DESK', unlink_reason_cipher = $5
     where dispute_id = $1 and record_id = $2 and unlinked_at is null`,
    [dispute.id, id, now, subject, cipher],
  );
  const version = await nextVersion(tx, dispute.id);
  await redescribeDisputes(tx, context, [dispute.id]);
  await gatherDisputes(tx, context, { changed: [id], gone: [] });
  refreshVisible(tx, [dispute.id]);
  return { disputeId: dispute.id, version };
}
