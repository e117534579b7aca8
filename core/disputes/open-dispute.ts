/** Intake at the desk: a new dispute with its parties, or those that it most likely is already. */
import { refreshVisible } from '../access/visible.ts';
import { putRecords } from '../people/index-records.ts';
import { JOIN_LOCK, joinPeople, lookAroundChanges } from '../people/join-people.ts';
import type { MentionRow } from '../people/index-row.ts';
import { legalYear } from '../platform/clock.ts';
import { makeDataKey, storeAllDataKeys } from '../platform/data-keys.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { AppError, badInput } from '../platform/errors.ts';
import { newId } from '../platform/id.ts';
import { isCategory } from './category.ts';
import { isComparable } from './comparable-row.ts';
import {
  atMost,
  checkOrganisations,
  checkParty,
  isMinor,
  isProtected,
  required,
  toDeskMention,
  toDeskRow,
  type DeskContext,
  type DeskParty,
} from './desk-record.ts';
import { insertLinks, redescribeDisputes, type NewLink } from './dispute-row.ts';
import { sealText } from './dispute-text.ts';
import { raiseDuplicates } from './raise-duplicates.ts';
import { tellOpened } from './tell-dispute.ts';
import { waitForComparing } from './wait-for-comparing.ts';

export interface OpenDispute {
  readonly title: string;
  readonly description: string;
  readonly category: string;
  readonly channel: string;
  readonly urgency: 'ROUTINE' | 'URGENT' | 'CRITICAL';
  readonly placeId: string;
  readonly address?: string | null;
  readonly parties: readonly DeskParty[];
  readonly petitionPurpose?: string | null;
  readonly accusedIds?: readonly string[] | null;
  readonly occurredAt?: Date | null;
  readonly missingDocuments?: readonly string[] | null;
  readonly allowDuplicate: boolean;
}

export type OpenedDispute =
  | { readonly status: 'OPENED'; readonly disputeId: string; readonly version: number }
  /** Nothing was written. `personIds`: the parties by whom they were found, of whom the caller thereby learns that they are in them. */
  | { readonly status: 'DUPLICATES'; readonly disputeIds: readonly string[]; readonly personIds: readonly string[] };

/**
 * Of these mentions, those whose dispute the caller may see and that it may be told: whom a dispute names by a hidden record
 * only, or who reported violence, is not told by finding it. `byPhone`: they may also be found by the telephone.
 */
export type MaySeeMentions = (
  mentionIds: readonly string[],
) => Promise<ReadonlyMap<string, { readonly byPhone: boolean }>>;

// A namesake alone is nobody: the number, or the name together with the telephone.
const LIKELY = `select d.id, party.mention_id as "mentionId", party.by_phone as "byPhone", party.person_id as "personId",
  r.id as "recordId", ${isComparable('r', 'd')} as "mayBeProposed"
from (
  select m.id as mention_id, m.record_id, m.person_id, false as by_phone from mention m where m.citizen_id_hash = any($3) and m.gone_at is null
  union
  select m.id, m.record_id, m.person_id, true from unnest($4::bytea[], $5::bytea[]) as n(name_hash, phone_hash)
  join mention m on m.phone_hash = n.phone_hash and m.name_hash = n.name_hash and m.gone_at is null
) party
join dispute_record l on l.record_id = party.record_id and l.unlinked_at is null
join record r on r.id = l.record_id and r.gone_at is null
join dispute d on d.id = l.dispute_id
where d.category = $1 and d.place_id = $2 and d.survivor_id is null and d.stage not in ('RESOLVED', 'CLOSED')
order by d.opened_at, d.id`;

const MAX_DUPLICATES = 20;

interface Likely {
  readonly id: string;
  readonly mentionId: string;
  /** By name and telephone, not by the number. */
  readonly byPhone: boolean;
  /** Null: an organisation. */
  readonly personId: string | null;
  readonly recordId: string;
  /** To the centre, where the caller is not told of it. */
  readonly mayBeProposed: boolean;
}

/** Open disputes of the same category and place with a party that is certainly the same, by the records that name it; oldest first. */
async function findLikelyDuplicates(
  q: Queryable,
  category: string,
  placeId: string,
  mentions: readonly MentionRow[],
): Promise<Likely[]> {
  const reachable = mentions.filter(({ phoneHash }) => phoneHash !== null);
  return q.query(LIKELY, [
    category,
    placeId,
    mentions.flatMap(({ citizenIdHash }) => citizenIdHash ?? []),
    reachable.map(({ nameHash }) => nameHash),
    reachable.map(({ phoneHash }) => phoneHash),
  ]);
}

const SELF_OR_ABOVE = `
select up.id from organisation self join organisation up on up.code = any (string_to_array(self.path, '/'))
where self.id = $1 and up.id = any ($2) limit 1`;

/** 信访工作条例 30: an accusation does not pass through the hands of those it is against, nor of those under them. */
async function keepFromAccused(
  q: Queryable,
  { organisationId }: DeskContext,
  { petitionPurpose, accusedIds }: OpenDispute,
): Promise<void> {
  const accused = accusedIds ?? [];
  atMost(accused, 100, 'input.accused');
  const accuses = petitionPurpose === 'ACCUSATION';
  if (accuses && accused.length === 0) throw badInput('input.accused', 'Say whom the accusation is against.');
  if (!accuses && accused.length > 0)
    throw badInput('input.accused', '`accused` goes with the petition purpose ACCUSATION only.');
  if (accuses && (await q.maybeOne(SELF_OR_ABOVE, [organisationId, accused])) !== null)
    throw new AppError(
      'ROUTING_FORBIDDEN',
      'An accusation against your own organisation, or one above it, is taken by discipline inspection or the petition bureau.',
    );
}

async function check(q: Queryable, context: DeskContext, input: OpenDispute): Promise<void> {
  await keepFromAccused(q, context, input);
  const { now } = context;
  required(input.title, 'input.title');
  required(input.description, 'input.description');
  atMost(input.title, 300, 'input.title');
  atMost(input.description, 10_000, 'input.description');
  atMost(input.address, 500, 'input.address');
  atMost(input.parties, 500, 'input.parties');
  atMost(input.missingDocuments, 100, 'input.missingDocuments');
  input.missingDocuments?.forEach((name, index) => atMost(name, 300, `input.missingDocuments.${index}`));
  if (!isCategory(input.category)) throw badInput('input.category', 'There is no such category.');
  if (input.parties.length === 0) throw badInput('input.parties', 'A dispute has at least one party.');
  input.parties.forEach((party, index) => checkParty(party, `input.parties.${index}`));
  if (input.occurredAt && input.occurredAt > now) throw badInput('input.occurredAt', 'It cannot have happened yet.');
  await checkOrganisations(q, [
    { id: input.placeId, field: 'input.place' },
    ...input.parties.map(({ organisationId }, index) => ({
      id: organisationId,
      field: `input.parties.${index}.organisation`,
    })),
    ...(input.accusedIds ?? []).map((id) => ({ id, field: 'input.accused' })),
  ]);
}

const INSERT = `insert into dispute (id, number, title_cipher, description_cipher, category, channels, place_id, address_cipher,
  urgency, petition_purpose, accused_ids, missing_documents_cipher, opened_at)
values ($1, $2, $3, $4, $5, array[$6], $7, $8, $9, $10, $11, $12, $13)`;

/**
 * In the caller's transaction; takes the lock of joining. Version 1. Throws BAD_USER_INPUT, and ROUTING_FORBIDDEN, which who calls
 * this writes down: its transaction is not to be kept.
 */
export async function openDispute(
  tx: Tx,
  context: DeskContext,
  input: OpenDispute,
  maySee: MaySeeMentions,
): Promise<OpenedDispute> {
  const { keyring, now, subject } = context;
  await check(tx, context, input);
  const at = input.occurredAt ?? now;
  const recordId = newId('rec', now);
  // Whoever is under 18 stands on a record of their own, which is sealed; the others' is as always.
  const sealedId = newId('rec', now);
  const mentions = input.parties.map((party, index) =>
    toDeskMention(keyring, isMinor(party, at) ? sealedId : recordId, String(index + 1), party),
  );
  await tx.lock(JOIN_LOCK);
  let hidden: readonly Likely[] = [];
  if (!input.allowDuplicate) {
    const likely = await findLikelyDuplicates(tx, input.category, input.placeId, mentions);
    // Asked also when there is none: one that is hidden costs as many statements as one that does not exist.
    const seen = await maySee([...new Set(likely.map(({ mentionId }) => mentionId))]);
    const visible = likely.filter(({ mentionId, byPhone }) => {
      const told = seen.get(mentionId);
      return told !== undefined && (!byPhone || told.byPhone);
    });
    const disputeIds = [...new Set(visible.map(({ id }) => id))].slice(0, MAX_DUPLICATES);
    const personIds = [...new Set(visible.flatMap(({ personId }) => personId ?? []))];
    if (disputeIds.length > 0) return { status: 'DUPLICATES', disputeIds, personIds };
    hidden = likely;
  }

  const disputeId = newId('dsp', now);
  const { serial } = await tx.one<{ serial: number }>(`select nextval('dispute_number') as serial`, []);
  const number = `D${legalYear(now)}-${String(serial).padStart(6, '0')}`;
  const accusedIds = [...new Set(input.accusedIds ?? [])];
  const common = {
    protected: isProtected(input.category),
    ...{ at, channel: input.channel, placeId: input.placeId, accusedIds },
    petitionPurpose: input.petitionPurpose ?? null,
  };
  const row = toDeskRow(context, { ...common, id: recordId, number, category: input.category, sealed: false });
  const sealedRows = mentions.some((mention) => mention.recordId === sealedId)
    ? [toDeskRow(context, { ...common, id: sealedId, number: sealedId, category: null, sealed: true })]
    : [];
  await putRecords(tx, context, [row, ...sealedRows], []);
  const named = { put: mentions, replace: [] };
  await joinPeople(tx, context, named, await lookAroundChanges(tx, context, named));
  const dispute = { id: disputeId, wrapped: makeDataKey(keyring, disputeId).wrapped };
  await storeAllDataKeys(tx, keyring, [{ owner: disputeId, wrapped: dispute.wrapped }]);
  await tx.query(INSERT, [
    disputeId,
    number,
    sealText(keyring, dispute, 'title', input.title),
    sealText(keyring, dispute, 'description', input.description),
    input.category,
    input.channel,
    input.placeId,
    input.address ? sealText(keyring, dispute, 'address', input.address) : null,
    input.urgency,
    input.petitionPurpose ?? null,
    accusedIds,
    input.missingDocuments?.length
      ? sealText(keyring, dispute, 'missingDocuments', JSON.stringify(input.missingDocuments))
      : null,
    now,
  ]);
  const links: NewLink[] = [
    { disputeId, recordId, rule: 'FOUNDING' },
    ...sealedRows.map(({ id }): NewLink => ({ disputeId, recordId: id, rule: 'DESK' })),
  ];
  await insertLinks(tx, links, subject, now);
  await redescribeDisputes(tx, context, [disputeId]);
  refreshVisible(tx, [disputeId]);
  await tellOpened(tx, now, disputeId);
  // Of a child, who stands on a record of its own, nothing is said to anybody.
  const beside = sealedRows.length > 0 ? [] : hidden.flatMap((one) => (one.mayBeProposed ? one.recordId : []));
  await raiseDuplicates(tx, now, recordId, beside);
  await waitForComparing(tx, [recordId]);
  return { status: 'OPENED', disputeId, version: 1 };
}
