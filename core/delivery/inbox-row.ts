/** The inbox's rows: claimed by one at a time, settled by who holds the claim. Times are of the wall clock. */
import { randomUUID } from 'node:crypto';
import type { CallerOrganisation } from '../access/caller.ts';
import { callerOrganisationOf } from '../organisations/organisation.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { handOut } from './hand-out.ts';

export interface ClaimedMessage {
  readonly id: string;
  readonly holder: string;
  readonly organisationId: string;
  /** Null when it has been closed. */
  readonly organisation: CallerOrganisation | null;
  readonly messageId: string;
  readonly type: string;
  readonly lane: string | null;
  readonly accusation: boolean;
  readonly bodyCipher: Buffer;
  readonly receivedAt: Date;
  /** This one counted. */
  readonly attempts: number;
}

// Of an organisation and lane only the first: what came later waits until it is settled, also while that one backs off.
const IS_FIRST = `not exists (
  select from inbox before
  where before.organisation_id = i.organisation_id and before.lane = i.lane and before.status = 'ACCEPTED'
    and before.position < i.position)`;

const IS_DUE = (now: string): string =>
  `i.status = 'ACCEPTED' and i.next_attempt_at <= ${now} and (i.leased_until is null or i.leased_until <= ${now}) and ${IS_FIRST}`;

const CLAIM = `
update inbox i set leased_until = $3, leased_by = $4, attempts = i.attempts + 1
from (select i.id from inbox i where i.id = any ($1) and ${IS_DUE('$2')} order by i.id for no key update skip locked) free
join inbox mine on mine.id = free.id
join organisation o on o.id = mine.organisation_id
where i.id = free.id
returning i.id, i.organisation_id as "organisationId", 
  case when o.closed_at is null then ${callerOrganisationOf('o')} end as organisation, i.message_id as "messageId", i.type,
  i.lane, i.accusation, i.body_cipher as "bodyCipher", i.received_at as "receivedAt", i.attempts`;

/** For each null when it is settled, not due, behind another, or somebody is at it. */
export async function claimMessages(
  q: Queryable,
  ids: readonly string[],
  now: Date,
  leaseMs: number,
): Promise<(ClaimedMessage | null)[]> {
  const holder = randomUUID();
  const rows = await q.query<Omit<ClaimedMessage, 'holder'>>(CLAIM, [
    ...[ids, now, new Date(now.getTime() + leaseMs), holder],
  ]);
  return handOut(ids, rows, holder);
}

const HOLD = `select from inbox where id = $1 and leased_by = $2 and status = 'ACCEPTED' for update`;

/** First in the transaction that settles it: false when the lease ran out and somebody else has it. */
export const stillHolds = async (tx: Tx, { id, holder }: ClaimedMessage): Promise<boolean> =>
  (await tx.query(HOLD, [id, holder])).length > 0;

const APPLIED = `
update inbox set status = 'APPLIED', applied_at = $3, leased_until = null, leased_by = null, body_cipher = null
where id = $1 and leased_by = $2 and status = 'ACCEPTED'`;

/** In the transaction of what was done for it, after `stillHolds`. */
export const settleApplied = (tx: Tx, { id, holder }: ClaimedMessage, now: Date): void =>
  tx.send(APPLIED, [id, holder, now]);

const REJECTED = `
update inbox set status = 'REJECTED', reason = $2, applied_at = $3, leased_until = null, leased_by = null, body_cipher = null
where id = $1`;

/** With why; what it said is forgotten, its digest still tells a repetition.  in the transaction that tells its sender, after `stillHolds`. */
export const settleRejected = (tx: Tx, id: string, reason: string, now: Date): void =>
  tx.send(REJECTED, [id, reason, now]);

const PUT_OFF = `
update inbox set next_attempt_at = $3, leased_until = null, leased_by = null
where id = $1 and leased_by = $2 and status = 'ACCEPTED'`;

export async function putOff(q: Queryable, { id, holder }: ClaimedMessage, until: Date): Promise<void> {
  await q.query(PUT_OFF, [id, holder, until]);
}

const NEXT = `
select settled.turn, next.id
from unnest($1::text[], $2::text[]) with ordinality as settled(organisation, lane, turn) cross join lateral (
  select id from inbox
  where organisation_id = settled.organisation and lane = settled.lane and status = 'ACCEPTED' order by position limit 1) next`;

/** For each what waited behind it. */
export async function nextInLanes(
  q: Queryable,
  settled: readonly Pick<ClaimedMessage, 'organisationId' | 'lane'>[],
): Promise<(string | null)[]> {
  const rows = await q.query<{ turn: number; id: string }>(NEXT, [
    settled.map(({ organisationId }) => organisationId),
    settled.map(({ lane }) => lane),
  ]);
  const next = new Map(rows.map(({ turn, id }) => [turn, id]));
  return settled.map((_, index) => next.get(index + 1) ?? null);
}

const DUE = `select i.id, i.attempts from inbox i where ${IS_DUE('$1')} order by i.next_attempt_at, i.position limit $2`;

export const findDueMessages = (
  q: Queryable,
  now: Date,
  limit: number,
): Promise<{ readonly id: string; readonly attempts: number }[]> => q.query(DUE, [now, limit]);
