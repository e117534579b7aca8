/** Whose endpoints are told of what stands in the outbox. */
import { accusedOf } from '../access/referral-sight.ts';
import { isSubscribed, type MessageType } from './message-type.ts';

/** Accused in the dispute, or under one that is (domain rule 1). `dispute`, `path`: SQL expressions. */
export const isBarred = (dispute: string, path: string): string => `exists (
  select from dispute about cross join lateral ${accusedOf('coalesce(about.survivor_id, about.id)')} accused
  join organisation who on who.id = accused.id
  where about.id = ${dispute} and starts_with(${path}, who.path))`;

// A bureau's system hears for its stations; a government's does not for all that it governs. Who is told of a dead endpoint
// is not told by that endpoint.
/** `[{ id, types }]` of the endpoints that may hear the row `o` of the outbox, whatever they subscribe to. */
export const receiversOf = (o: string): string => `(
select coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'types', e.types) order by e.id), '[]')
from (
  select distinct up.id, up.path
  from organisation told
  join organisation up on up.code = any (string_to_array(told.path, '/')) and (up.id = told.id or up.kind <> 'GOVERNMENT')
  where told.id = any (${o}.audience)
) hears
join webhook_endpoint e on e.organisation_id = hears.id
  -- One that does not answer keeps what is meant for it, and the desk is told in time; who has turned it off wants nothing.
  and (e.enabled or e.disabled_reason is distinct from 'BY_HAND')
where not (${o}.type in ('endpoint.disabled', 'delivery.exhausted') and ${o}.body->>'endpoint' = e.id)
  and not ${isBarred(`${o}.dispute_id`, 'hears.path')})`;

export interface Receiver {
  readonly id: string;
  readonly types: readonly string[];
}

/** Those of them that asked for this type. */
export const subscribed = (receivers: readonly Receiver[], type: MessageType): string[] =>
  receivers.filter(({ types }) => isSubscribed(types, type)).map(({ id }) => id);
