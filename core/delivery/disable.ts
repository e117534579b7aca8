/** An endpoint that is switched off because it says so, or because it has failed for five days. */
import { audit } from '../audit/audit.ts';
import type { Db, Tx } from '../platform/db.ts';
import { isDead } from './back-off.ts';
import { tellKeepers } from './notice.ts';

export type DisabledReason = 'GONE' | 'FAILING';

const DISABLE = `
with changed as (
  update webhook_endpoint set enabled = false, disabled_reason = $2, probing_until = null
  where id = $1 and enabled returning id, failing_since
)
select changed.failing_since as "failingSince", array(
    select distinct r.from_id from delivery d join referral r on r.id = d.referral_id
    where d.endpoint_id = changed.id and d.status in ('PENDING', 'RETRYING', 'WAITING', 'FAILED')
  ) as senders
from changed`;

/** With its audit entry and what the centre is told. False when it was off before. */
export async function disableEndpoint(tx: Tx, id: string, reason: DisabledReason, at: Date): Promise<boolean> {
  const row = await tx.maybeOne<{ failingSince: Date | null; senders: string[] }>(DISABLE, [id, reason]);
  if (!row) return false;
  await audit.append(tx, { kind: 'endpoint.disabled', subject: id, actor: null, at, body: { reason } });
  const data = { reason, failingSince: row.failingSince };
  await tellKeepers(tx, { type: 'endpoint.disabled', endpointId: id, senders: row.senders, disputeId: null, data }, at);
  return true;
}

const FAILING = `select id, failing_since as "failingSince" from webhook_endpoint where enabled and failing_since is not null`;

/** Those that fail and have nothing left to be tried with. Returns the lanes in which it is told. */
export async function disableDead(db: Db, now: Date): Promise<string[]> {
  const failing = await db.query<{ id: string; failingSince: Date }>(FAILING, []);
  const dead = failing.filter(({ failingSince }) => isDead(failingSince, now));
  for (const { id } of dead) await db.tx((tx) => disableEndpoint(tx, id, 'FAILING', now));
  return dead.map(({ id }) => id);
}
