/** Who holds records of a person is told when persons are joined or part: thin, and nothing that hides something from them. */
import { isListenedTo } from '../organisations/listening.ts';
import type { Tx } from '../platform/db.ts';
import { newId } from '../platform/id.ts';

export interface PersonChange {
  readonly type: 'person.merged' | 'person.split';
  /** The survivor; of one that fell apart, who kept the id. */
  readonly person: string;
  /** The id that resolves to the survivor now; or the new one. */
  readonly other: string;
}

// Beside what it holds itself, a record that is kept from an organisation, or accuses it or one above it, may be why they are
// joined: then it is not told (domain rule 1). Its own id of the person resolves to the right one all the same.
const TELL = `
insert into outbox (id, lane, type, at, audience, body)
select n.id, n.person, n.type, $2, heard.audience, jsonb_build_object(
  'person', n.person, case n.type when 'person.merged' then 'merged' else 'separated' end, n.other, 'event', n.event)
from jsonb_to_recordset($1::jsonb) as n(id text, event text, type text, person text, other text)
cross join lateral (
  select array_agg(holder.id order by holder.id) as audience
  from (
    select distinct o.id, o.path from mention m
    join record r on r.id = m.record_id and r.gone_at is null
    join organisation o on o.id = r.office_id
    where m.person_id in (n.person, n.other) and m.gone_at is null
  ) holder
  where not exists (
    select from mention m join record r on r.id = m.record_id and r.gone_at is null
    where m.person_id in (n.person, n.other) and m.gone_at is null and (
      ((r.sealed or r.classified or r.protected) and not exists (
        select from organisation office where office.id = r.office_id and starts_with(office.path, holder.path)))
      or exists (
        select from organisation accused where accused.id = any (r.accused_ids) and starts_with(holder.path, accused.path))))
) heard
where heard.audience is not null and case n.type
  when 'person.merged' then ${isListenedTo('person.merged')} else ${isListenedTo('person.split')} end`;

/** One statement for all of them, after they are stored; none when there are none. */
export async function tellPersons(tx: Tx, now: Date, changes: readonly PersonChange[]): Promise<void> {
  if (changes.length === 0) return;
  const rows = changes.map((change) => ({ id: newId('msg', now), event: newId('evt', now), ...change }));
  await tx.query(TELL, [JSON.stringify(rows), now]);
}
