/** Disputes to which a person is a party, as far as the caller may know it: by records that it may read. */
import {
  CALLER_VALUES,
  callerValues,
  linkOf,
  readableRecord,
  toldMention,
  visibleDispute,
  visiblePerson,
  WITH_CALLER,
} from '../access/predicate.ts';
import type { Caller } from '../access/caller.ts';
import type { Queryable } from '../platform/db.ts';

const OF_PERSON = `
${WITH_CALLER}
select distinct l.dispute_id as id
from person p
join mention m on m.person_id = coalesce(p.survivor_id, p.id) and m.gone_at is null
join record r on r.id = m.record_id
join dispute_record l on l.record_id = r.id and l.unlinked_at is null
where p.id = $${CALLER_VALUES + 1} and r.source = any ($${CALLER_VALUES + 2})
  and ${readableRecord('r')} and ${toldMention('m', 'r')} and (${linkOf('r')} is not null or ${visiblePerson('p.id')}) and ${visibleDispute('l.dispute_id')}`;

/** `sources`: the departments whose records may be read now. */
export async function findDisputesOfPerson(
  q: Queryable,
  caller: Caller,
  personId: string,
  sources: ReadonlySet<string>,
): Promise<string[]> {
  const rows = await q.query<{ id: string }>(OF_PERSON, [...callerValues(caller), personId, [...sources]]);
  return rows.map(({ id }) => id);
}
