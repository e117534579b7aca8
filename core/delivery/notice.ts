/** What the centre and a referral's sender are told of an endpoint that cannot be reached. */
import type { Queryable } from '../platform/db.ts';
import { newId } from '../platform/id.ts';

export interface Notice {
  readonly type: 'delivery.exhausted' | 'endpoint.disabled';
  readonly endpointId: string;
  /** Who sent what is not delivered, besides the centre. */
  readonly senders: readonly string[];
  readonly disputeId: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

// By the endpoint's own lane, so that these come in order too. Not under the referral: what is said of a message that was
// not delivered has no place in the referral's count, and does not itself become a task for the desk.
const TELL = `
insert into outbox (id, lane, type, at, audience, dispute_id, body)
select $1, $2, $3, $4, array(
    select id from organisation where kind = 'CENTRE' and level = 'COUNTY' union select unnest($5::text[])
  ), $6, $7::jsonb || jsonb_build_object('endpoint', e.id, 'organisation', o.id)
from webhook_endpoint e join organisation o on o.id = e.organisation_id where e.id = $2`;

/** In the transaction of what it tells. Its lane is the endpoint's id: dispatch that after the commit. */
export async function tellKeepers(
  tx: Queryable,
  { type, endpointId, senders, disputeId, data }: Notice,
  at: Date,
): Promise<void> {
  await tx.query(TELL, [newId('msg', at), endpointId, type, at, senders, disputeId, JSON.stringify(data)]);
}
