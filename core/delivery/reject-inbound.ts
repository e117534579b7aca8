/** What becomes of a message that cannot be applied: it stays with its reason, and its sender is told. */
import type { Caller } from '../access/caller.ts';
import { visibleReferral } from '../access/referral-sight.ts';
import { audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/db.ts';
import { newId } from '../platform/id.ts';
import { settleRejected, type ClaimedMessage } from './inbox-row.ts';
import type { Rejection } from './to-act.ts';

interface Named {
  readonly referral: string;
  readonly dispute: string;
  readonly number: string;
  readonly version: number;
}

const NAMED = `
select r.id as referral, coalesce(d.survivor_id, d.id) as dispute, r.number, r.version
from referral r join dispute d on d.id = r.dispute_id
where r.id = $1 and ${visibleReferral('r.id', '$2')}`;

// A bureau's endpoint hears for its stations. Of an accusation it may not, for it may be the one accused: then nobody is
// told, and the sender finds the reason in its list.
const TELL = `
insert into outbox (id, lane, type, at, referral_id, audience, dispute_id, body)
select $1, $2, 'referral.rejected_input', $3, $4, array[sender.id], $6, $7
from organisation sender
where sender.id = $5 and not ($8 and exists (
  select from organisation up
  where up.code = any (string_to_array(sender.path, '/')) and up.id <> sender.id and up.kind <> 'GOVERNMENT'))`;

const NOTHING = { referral: null, dispute: null, number: null, version: null };

/**
 * In the transaction of the caller, who holds the row. `dispute`: what is to be named when no referral is. Returns the lane
 * in which the answer waits.
 */
export async function rejectMessage(
  tx: Tx,
  clock: Clock,
  message: ClaimedMessage,
  {
    code,
    reason,
    caller,
    dispute = null,
  }: Rejection & { readonly caller: Caller | null; readonly dispute?: string | null },
): Promise<string> {
  const { id, organisationId, messageId, type, lane, accusation } = message;
  const now = clock.wall();
  settleRejected(tx, id, `${code}: ${reason}`, now);
  const named = lane === null ? null : await tx.maybeOne<Named>(NAMED, [lane, organisationId]);
  // One that the sender may not see is not named, and its own answers do not go between that referral's messages.
  const told = named ?? { ...NOTHING, dispute };
  const answerLane = told.referral ?? id;
  await tx.query(TELL, [
    ...[newId('msg', now), answerLane, clock.business(), told.referral, organisationId, told.dispute],
    JSON.stringify({ message: messageId, type, code, reason, ...told }),
    accusation,
  ]);
  // Attempts to pass an accusation to those it is against are written down (domain rule 1).
  if (code === 'ROUTING_FORBIDDEN') {
    await audit.append(tx, {
      kind: 'routing.refused',
      subject: told.referral ?? organisationId,
      actor: caller,
      at: now,
      body: { operation: type, message: id },
    });
  }
  return answerLane;
}
