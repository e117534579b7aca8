/** Whose endpoints are told of what stands in the outbox. */
import { accusedOf } from '../access/referral-sight.ts';
import type { Tx } from '../platform/db.ts';
import { isSubscribed, type MessageType } from './message-type.ts';

/** Accused in the dispute, or under one that is (domain rule 1). `dispute`, `path`: SQL expressions. */
export const isBarred = (dispute: string, path: string): string => `exists (
  select from dispute about cross join lateral ${accusedOf('coalesce(about.survivor_id, about.id)')} accused
  join organisation who on who.id = accused.id
  where about.id = ${dispute} and starts_with(${path}, who.path))`;

// A bureau's system hears for its stations; a government's does not for all that it governs. Who is told of a dead endpoint
// is not told by that endpoint.
const RECEIVERS = `
select o.id as message, array_agg(e.id order by e.id) as ids, array_agg(array_to_string(e.types, ' ') order by e.id) as types
from outbox o
cross join lateral (
  select distinct up.id, up.path
  from organisation told
  join organisation up on up.code = any (string_to_array(told.path, '/')) and (up.id = told.id or up.kind <> 'GOVERNMENT')
  where told.id = any (o.audience)
) hears
join webhook_endpoint e on e.organisation_id = hears.id
  -- One that does not answer keeps what is meant for it, and the desk is told in time; who has turned it off wants nothing.
  and (e.enabled or e.disabled_reason is distinct from 'BY_HAND')
where o.id = any ($1)
  and not (o.type in ('endpoint.disabled', 'delivery.exhausted') and o.body->>'endpoint' = e.id)
  and not ${isBarred('o.dispute_id', 'hears.path')}
group by o.id`;

export interface Sent {
  readonly id: string;
  readonly type: MessageType;
}

/** Endpoints by message; one for nobody is missing. */
export async function findReceivers(
  tx: Tx,
  messages: readonly Sent[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await tx.query<{ message: string; ids: string[]; types: string[] }>(RECEIVERS, [
    messages.map(({ id }) => id),
  ]);
  const typeOf = new Map(messages.map(({ id, type }) => [id, type]));
  return new Map(
    rows.map(({ message, ids, types }) => {
      const type = typeOf.get(message);
      const hears = (index: number): boolean =>
        type !== undefined && isSubscribed((types[index] ?? '').split(' '), type);
      return [message, ids.filter((_, index) => hears(index))];
    }),
  );
}
