import type { Tx } from '../platform/db.ts';
import { refreshReferralSight } from './referral-sight.ts';

// Ancestors come from the codes in the path, by the unique index on code: "whose path is a prefix of mine" has no index.
const REFRESH = `
with asked as (
  select d.id, d.opened_at, d.accused_ids from dispute d where d.id = any($1) and d.survivor_id is null
), live as (
  select l.dispute_id, r.office_id, r.sealed, r.classified, r.accused_ids
  from dispute_record l join record r on r.id = l.record_id
  where l.dispute_id = any($1) and l.unlinked_at is null and r.gone_at is null
), barred as (
  select accused.dispute_id, o.path
  from (
    select id as dispute_id, unnest(accused_ids) as id from asked
    union
    select dispute_id, unnest(accused_ids) from live
  ) accused
  join organisation o on o.id = accused.id
), entitled as (
  -- Who holds a record of it, and those above in the same department: a bureau answers for its stations, a
  -- government does not read all that its offices hold.
  select l.dispute_id, up.id as organisation_id, up.path
  from (select distinct dispute_id, office_id from live where office_id is not null) l
  join organisation o on o.id = l.office_id
  join organisation up on up.code = any (string_to_array(o.path, '/')) and (up.id = o.id or up.kind <> 'GOVERNMENT')
  union
  -- Who has a part in a referral of it, and those above in the same department (rule 2: a referral to or from them).
  select distinct coalesce(rd.survivor_id, rd.id), up.id, up.path
  from (select id, survivor_id from dispute where id = any($1)
        union select id, survivor_id from dispute where survivor_id = any($1)) rd
  join referral on referral.dispute_id = rd.id
  join referral_party party on party.referral_id = referral.id
  join organisation o on o.id = party.organisation_id
  join organisation up on up.code = any (string_to_array(o.path, '/')) and (up.id = o.id or up.kind <> 'GOVERNMENT')
  where party.role not in ('FORMER', 'FORMER_LEAD')
  union
  -- The county's centre, unless all there is to see is sealed or classified.
  select l.dispute_id, c.id, c.path
  from (select distinct dispute_id from live where not sealed and not classified) l
  cross join organisation c
  where c.kind = 'CENTRE' and c.level = 'COUNTY'
), wanted as (
  select e.organisation_id, e.dispute_id, a.opened_at
  from entitled e join asked a on a.id = e.dispute_id
  where not exists (select from barred b where b.dispute_id = e.dispute_id and starts_with(e.path, b.path))
), removed as (
  delete from visible v where v.dispute_id = any($1) and not exists (
    select from wanted w where w.organisation_id = v.organisation_id and w.dispute_id = v.dispute_id)
)
insert into visible (organisation_id, dispute_id, opened_at)
select organisation_id, dispute_id, opened_at from wanted
on conflict (organisation_id, dispute_id) do update set opened_at = excluded.opened_at
where visible.opened_at <> excluded.opened_at`;

/**
 * Brings the rows of `visible` for these disputes in line with their records, offices and accusations. Call it in the
 * transaction of whatever changed them. The accusation barrier (信访工作条例 30) takes away what anything else gives.
 */
export function refreshVisible(tx: Tx, disputeIds: readonly string[]): void {
  if (disputeIds.length === 0) return;
  tx.send(REFRESH, [disputeIds]);
  refreshReferralSight(tx, disputeIds);
}
