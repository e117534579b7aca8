/** Who may see which referral: kept as rows, in the transaction of whatever changes it. */
import type { Queryable } from '../platform/db.ts';

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
  select r.id, r.opened_at, coalesce(r.due_at, 'infinity') as due_at, coalesce(d.survivor_id, d.id) as dispute_id
  from referral r join dispute d on d.id = r.dispute_id where r.id = any($1)
), barred as (
  select asked.id, o.path from asked
  cross join lateral ${accusedOf('asked.dispute_id')} accused join organisation o on o.id = accused.id
), entitled as (
  select distinct party.referral_id, up.id as organisation_id, up.path
  from referral_party party
  join organisation o on o.id = party.organisation_id
  join organisation up on up.code = any (string_to_array(o.path, '/')) and (up.id = o.id or up.kind <> 'GOVERNMENT')
  where party.referral_id = any($1)
  union
  select asked.id, c.id, c.path from asked cross join organisation c where c.kind = 'CENTRE' and c.level = 'COUNTY'
), wanted as (
  select e.organisation_id, e.referral_id, asked.opened_at, asked.due_at
  from entitled e join asked on asked.id = e.referral_id
  where not exists (select from barred b where b.id = e.referral_id and starts_with(e.path, b.path))
), removed as (
  delete from referral_sight s where s.referral_id = any($1) and not exists (
    select from wanted w where w.organisation_id = s.organisation_id and w.referral_id = s.referral_id)
)
insert into referral_sight (organisation_id, referral_id, opened_at, due_at)
select organisation_id, referral_id, opened_at, due_at from wanted
on conflict (organisation_id, referral_id) do update set due_at = excluded.due_at
where referral_sight.due_at <> excluded.due_at`;

/** After its parties, the accusations of its dispute or the tree of organisations have changed. */
export async function refreshReferralSight(tx: Queryable, referralIds: readonly string[]): Promise<void> {
  if (referralIds.length > 0) await tx.query(REFRESH, [referralIds]);
}

/** The caller may see the referral with id `referral`; the caller's organisation is the parameter `organisation`. */
export const visibleReferral = (referral: string, organisation: string): string =>
  `exists (select from referral_sight rs where rs.referral_id = ${referral} and rs.organisation_id = ${organisation})`;
