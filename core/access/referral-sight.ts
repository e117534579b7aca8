/** Who may see which referral: kept as rows, in the transaction of whatever changes it. */
import type { Tx } from '../platform/db.ts';

/**
 * Accused in this dispute, directly or by one of its records (信访工作条例 22, 30, 46). `dispute`: id of a dispute that has
 * not been joined into another.
 */
export const accusedOf = (dispute: string): string => `(
  select accused.id from (
    select unnest(accusing.accused_ids) as id from dispute accusing where accusing.id = ${dispute}
    union
    select unnest(told.accused_ids)
    from dispute_record of_it join record told on told.id = of_it.record_id and told.gone_at is null
    where of_it.dispute_id = ${dispute} and of_it.unlinked_at is null
  ) accused)`;

const REFRESH = `
with asked as (
  select r.id, r.opened_at, coalesce(r.due_at, 'infinity') as due_at, d.dispute_id
  from (select id, id as dispute_id from dispute where id = any($1) and survivor_id is null
        union select id, survivor_id from dispute where survivor_id = any($1)) d
  join referral r on r.dispute_id = d.id
), barred as (
  select asked.id, o.path from asked
  cross join lateral ${accusedOf('asked.dispute_id')} accused join organisation o on o.id = accused.id
), entitled as (
  select distinct party.referral_id, up.id as organisation_id, up.path
  from asked
  join referral_party party on party.referral_id = asked.id
  join organisation o on o.id = party.organisation_id
  join organisation up on up.code = any (string_to_array(o.path, '/')) and (up.id = o.id or up.kind <> 'GOVERNMENT')
  union
  -- The county's centre, of disputes that it may see.
  select asked.id, c.id, c.path
  from asked join visible v on v.dispute_id = asked.dispute_id
  join organisation c on c.id = v.organisation_id and c.kind = 'CENTRE' and c.level = 'COUNTY'
), wanted as (
  select e.organisation_id, e.referral_id, asked.opened_at, asked.due_at
  from entitled e join asked on asked.id = e.referral_id
  where not exists (select from barred b where b.id = e.referral_id and starts_with(e.path, b.path))
), removed as (
  delete from referral_sight s where s.referral_id in (select id from asked) and not exists (
    select from wanted w where w.organisation_id = s.organisation_id and w.referral_id = s.referral_id)
)
insert into referral_sight (organisation_id, referral_id, opened_at, due_at)
select organisation_id, referral_id, opened_at, due_at from wanted
on conflict do nothing`;

/**
 * Of all referrals of these disputes. `refreshVisible` calls it: whatever changes who may see a dispute (an accusation that is
 * read in later, a link, the tree of organisations, a referral's parties) may change who sees its referrals.
 */
export const refreshReferralSight = (tx: Tx, disputeIds: readonly string[]): void => tx.send(REFRESH, [disputeIds]);

/** The caller may see the referral with id `referral`; the caller's organisation is the parameter `organisation`. */
export const visibleReferral = (referral: string, organisation: string): string =>
  `exists (select from referral_sight rs where rs.referral_id = ${referral} and rs.organisation_id = ${organisation})`;
