import type { Queryable } from '../platform/db.ts';

const PLACES = `
select l.subject as "referralId", convert_from(l.bytes, 'UTF8')::jsonb->'body'->>'event' as "eventId", l.index
from audit_about a join audit_leaf l on l.index = a.index
where a.about = any($1) and l.subject = a.about and starts_with(l.kind, 'referral.') and l.index < (select note_size from audit_head)`;

/** Of each of these referrals: by event, its place in the published log. */
export async function loadEventPlaces(
  q: Queryable,
  referralIds: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, number>>> {
  const places = new Map<string, Map<string, number>>();
  const rows = await q.query<{ referralId: string; eventId: string; index: number }>(PLACES, [referralIds]);
  for (const { referralId, eventId, index } of rows) {
    const of = places.get(referralId) ?? new Map<string, number>();
    places.set(referralId, of.set(eventId, index));
  }
  return places;
}
