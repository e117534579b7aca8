/** A party that the desk has learned of. Written into the centre's own record of the dispute, never into a department's. */
import { refreshVisible } from '../access/visible.ts';
import { putRecords } from '../people/index-records.ts';
import { JOIN_LOCK, joinPeople, lookAroundChanges } from '../people/join-people.ts';
import type { Tx } from '../platform/db.ts';
import { newId } from '../platform/id.ts';
import {
  checkOrganisations,
  checkParty,
  DESK,
  isMinor,
  isProtected,
  toDeskMention,
  toDeskRow,
  type DeskContext,
  type DeskParty,
} from './desk-record.ts';
import { holdDispute, insertLinks, nextVersion, redescribeDisputes } from './dispute-row.ts';

export interface ChangedDispute {
  /** The survivor's, when the id given was merged away. */
  readonly disputeId: string;
  readonly version: number;
}

export interface AddParty {
  readonly disputeId: string;
  readonly expectedVersion: number;
  readonly party: DeskParty;
}

// Of the caller's own organisation: two organisations do not write into one another's record. And one that is kept from
// everybody from whom the dispute is kept: who joins an accusation is not shown to the accused. Those under 18 stand on one that is
// sealed.
const DESK_RECORD = `select r.id, (select count(*) from mention m where m.record_id = r.id) as mentions
from dispute_record l join record r on r.id = l.record_id
where l.dispute_id = $1 and l.unlinked_at is null and r.source = $2 and r.office_id = $3 and r.gone_at is null
  and r.accused_ids @> $4 and r.sealed = $5 and r.protected >= $6
order by r.occurred_at, r.id limit 1`;

// Who was under 18 when it happened stays sealed, however late they are added.
const HAPPENED = `select min(r.occurred_at) as at, coalesce(bool_or(r.protected), false) as violent from dispute_record l join record r on r.id = l.record_id
where l.dispute_id = $1 and l.unlinked_at is null and r.gone_at is null`;

/** CONFLICT with the present version when it is not the expected one. */
export async function addParty(tx: Tx, context: DeskContext, input: AddParty): Promise<ChangedDispute> {
  const { keyring, now, organisationId, subject } = context;
  checkParty(input.party, 'party');
  await checkOrganisations(tx, [{ id: input.party.organisationId, field: 'party.organisation' }]);
  await tx.lock(JOIN_LOCK);
  const dispute = await holdDispute(tx, input.disputeId, input.expectedVersion);

  const { at, violent } = await tx.one<{ at: Date | null; violent: boolean }>(HAPPENED, [dispute.id]);
  const isGuarded = violent || isProtected(dispute.category);
  const sealed = isMinor(input.party, at ?? now);
  let record = await tx.maybeOne<{ id: string; mentions: number }>(DESK_RECORD, [
    dispute.id,
    DESK,
    organisationId,
    dispute.accusedIds,
    sealed,
    isGuarded,
  ]);
  if (!record) {
    record = { id: newId('rec', now), mentions: 0 };
    const row = toDeskRow(context, {
      id: record.id,
      number: record.id,
      category: null,
      sealed,
      protected: isGuarded,
      at: now,
      // It adds a party, not a way by which the dispute came in.
      channel: dispute.channels[0] ?? 'OTHER',
      placeId: dispute.placeId,
      petitionPurpose: null,
      accusedIds: dispute.accusedIds,
    });
    await putRecords(tx, context, [row], []);
    await insertLinks(tx, [{ disputeId: dispute.id, recordId: record.id, rule: 'DESK' }], subject, now);
  }
  const mention = toDeskMention(keyring, record.id, String(record.mentions + 1), input.party);
  const named = { put: [mention], replace: [] };
  await joinPeople(tx, context, named, await lookAroundChanges(tx, context, named));
  const version = await nextVersion(tx, dispute.id);
  await redescribeDisputes(tx, context, [dispute.id]);
  refreshVisible(tx, [dispute.id]);
  return { disputeId: dispute.id, version };
}
