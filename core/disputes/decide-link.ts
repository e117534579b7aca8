/** A human says whether a proposal is right: the two become one dispute, as by hand, or are not proposed again. */
import { refreshVisible } from '../access/visible.ts';
import type { Caller } from '../access/caller.ts';
import type { Tx } from '../platform/db.ts';
import { AppError } from '../platform/errors.ts';
import type { ChangedDispute } from './add-party.ts';
import { atMost, required, type DeskContext } from './desk-record.ts';
import { isTouched, mergeDisputes, nextVersion, redescribeDisputes } from './dispute-row.ts';
import { refuseKeptApart, sealReason } from './link-record.ts';
import { tellLinked } from './tell-dispute.ts';
import { waitForComparing } from './wait-for-comparing.ts';

export interface LinkDecision {
  readonly proposalId: string;
  readonly accept: boolean;
  readonly reason: string;
}

export interface DecidedLink extends ChangedDispute {
  readonly recordId: string;
}

const HOLD = `
select p.status, p.record_id as "recordId", l.dispute_id as "homeId", bl.dispute_id as "besideId"
from dispute_link_proposal p
left join dispute_record l on l.record_id = p.record_id and l.unlinked_at is null
left join dispute_record bl on bl.record_id = p.beside_id and bl.unlinked_at is null
where p.id = $1 for update of p`;

interface HeldProposal {
  readonly status: string;
  readonly recordId: string;
  readonly homeId: string | null;
  readonly besideId: string | null;
}

// The first stays: what has been handed on or acted on, else the older. Referrals of one that was merged into it count as its own.
const SIDES = `
select d.id, d.version, exists (
  select from dispute one join referral f on f.dispute_id = one.id where (one.id = d.id or one.survivor_id = d.id) and f.closed_at is null) as "isInHand"
from dispute d where d.id = any($1)
order by 3 desc, exists (select from referral f where f.dispute_id = d.id) desc, ${isTouched('d')} desc, d.opened_at, d.id
for update of d`;

interface Side {
  readonly id: string;
  readonly isInHand: boolean;
}

const DECIDE = `update dispute_link_proposal set status = $2, decided_by = $3, decided_at = $4, reason_owner = $5, reason_cipher = $6
where id = $1`;

/** Under `JOIN_LOCK`, for a caller who sees the proposal. CONFLICT when it has been decided, or both are in hand. */
export async function decideLink(
  tx: Tx,
  context: DeskContext & { readonly roles: Caller['roles'] },
  { proposalId, accept, reason }: LinkDecision,
): Promise<DecidedLink> {
  const { keyring, now, organisationId, subject, roles } = context;
  atMost(required(reason, 'reason'), 10_000, 'reason');
  const held = await tx.one<HeldProposal>(HOLD, [proposalId]);
  if (held.status !== 'OPEN') throw new AppError('CONFLICT', 'This proposal has been decided already.');
  const { recordId, homeId, besideId } = held;
  if (homeId === null || besideId === null || homeId === besideId)
    throw new AppError('CONFLICT', 'This proposal stands no longer.');
  const sides = await tx.query<Side & { version: number }>(SIDES, [[homeId, besideId]]);
  const [into, from] = sides;
  if (!into || !from) throw new AppError('CONFLICT', 'This proposal stands no longer.');

  const decided = async (status: string, owner: string): Promise<void> => {
    const cipher = await sealReason(tx, keyring, owner, `proposal/${proposalId}`, reason);
    const by = { subject, role: roles.join(' '), organisation: organisationId };
    await tx.query(DECIDE, [proposalId, status, by, now, owner, cipher]);
  };
  if (!accept) {
    await decided('REJECTED', besideId);
    const beside = sides.find(({ id }) => id === besideId);
    return { disputeId: besideId, version: beside?.version ?? into.version, recordId };
  }
  if (from.isInHand)
    throw new AppError(
      'CONFLICT',
      'Both disputes have been referred to somebody; close the referrals of one of them first.',
    );
  await refuseKeptApart(tx, besideId, recordId);
  await decided('ACCEPTED', into.id);
  // Why is kept with the proposal.
  const why = { rule: 'DESK', reason: null } as const;
  const moved = await mergeDisputes(tx, [{ from: from.id, into: into.id }], subject, now, why);
  const version = await nextVersion(tx, into.id);
  await redescribeDisputes(tx, context, [into.id]);
  refreshVisible(tx, [into.id, from.id]);
  await tellLinked(tx, now, moved);
  await waitForComparing(
    tx,
    moved.map((link) => link.recordId),
  );
  return { disputeId: into.id, version, recordId };
}
