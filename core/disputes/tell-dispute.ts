/** Who may see a dispute is told what becomes of it: thin, in the transaction of what it tells, after `refreshVisible`. */
import { isViolent } from '../access/predicate.ts';
import { isListenedTo } from '../organisations/listening.ts';
import type { Tx } from '../platform/db.ts';
import { newId } from '../platform/id.ts';
import type { Membership } from './dispute-row.ts';

// Who is accused is not in `visible`. That a record was linked which is kept from others is told to its holder alone.
const tell = (type: string): string => `
insert into outbox (id, lane, type, at, audience, dispute_id, body)
select n.id, d.id, '${type}', $5, heard.audience, d.id,
  jsonb_build_object('dispute', d.id, 'event', n.event, 'number', d.number, 'version', d.version)
    || case when r.id is null then '{}' else jsonb_build_object('source', r.source) end
from unnest($1::text[], $2::text[], $3::text[], $4::text[]) with ordinality as n(id, event, dispute, record, place)
join dispute d on d.id = n.dispute
left join record r on r.id = n.record
cross join lateral (
  select array_agg(o.id order by o.id) as audience
  from visible v join organisation o on o.id = v.organisation_id
  where v.dispute_id = d.id and (r.id is null or not (r.sealed or r.classified or r.protected or (r.source = 'CIVIL_AFFAIRS' and ${isViolent('d')})) or exists (
    select from organisation office
    where office.id = r.office_id and starts_with(office.path, o.path) and (o.id = office.id or o.kind <> 'GOVERNMENT')))
) heard
where heard.audience is not null and ${isListenedTo(type)}
order by n.place`;

const OPENED = tell('dispute.opened');
const LINKED = tell('dispute.linked');

type About = Omit<Membership, 'recordId'> & { readonly recordId: string | null };

async function send(tx: Tx, statement: string, now: Date, about: readonly About[]): Promise<void> {
  if (about.length === 0) return;
  await tx.query(statement, [
    about.map(() => newId('msg', now)),
    about.map(() => newId('evt', now)),
    about.map(({ disputeId }) => disputeId),
    about.map(({ recordId }) => recordId),
    now,
  ]);
}

export const tellOpened = (tx: Tx, now: Date, disputeId: string): Promise<void> =>
  send(tx, OPENED, now, [{ disputeId, recordId: null }]);

/** One statement for all of them; none when there are none. */
export const tellLinked = (tx: Tx, now: Date, links: readonly Membership[]): Promise<void> =>
  send(tx, LINKED, now, links);
