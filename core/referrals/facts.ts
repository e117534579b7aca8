/** What an act needs to know beyond the referral itself: one statement, whatever the act. */
import { accusedOf } from '../access/referral-sight.ts';
import type { Queryable } from '../platform/db.ts';
import type { Level } from '../playbooks/playbook.ts';

export interface OrganisationFact {
  readonly id: string;
  readonly code: string;
  readonly kind: string;
  readonly level: Level;
  readonly path: string;
  readonly closedAt: string | null;
}

export interface Facts {
  readonly openChildren: number;
  /** Senders and leads of the referrals above. */
  readonly above: readonly string[];
  /** Those named, the accused, the county's centre, and everybody above any of them. */
  readonly organisations: readonly OrganisationFact[];
  readonly accused: readonly string[];
}

// $1 referral (null before it is opened), $2 its parent and $3 its dispute (null: of the referral), $4 more organisations than its parties.
const FACTS = `
with recursive place as (
  select coalesce($2, r.parent_id) as parent_id, coalesce(s.survivor_id, s.id) as dispute_id
  from (select $3::text as dispute_id) asked left join referral r on r.id = $1
  join dispute s on s.id = coalesce(asked.dispute_id, r.dispute_id)
), above as (
  select p.id, p.parent_id, p.from_id, p.lead_id from place join referral p on p.id = place.parent_id
  union all
  select p.id, p.parent_id, p.from_id, p.lead_id from above a join referral p on p.id = a.parent_id
), accused as (
  select id from place cross join lateral ${accusedOf('place.dispute_id')} of_dispute
), named as (
  select unnest($4::text[]) as id
  union select organisation_id from referral_party where referral_id = $1
  union select id from accused
  union select id from organisation where kind = 'CENTRE' and level = 'COUNTY'
), codes as (
  select distinct unnest(string_to_array(o.path, '/')) as code from named join organisation o on o.id = named.id
)
select
  (select count(*) from referral c where c.parent_id = $1 and c.closed_at is null) as "openChildren",
  coalesce((select array_agg(distinct had.id) from above, unnest(array[above.from_id, above.lead_id]) as had (id)), '{}') as above,
  coalesce((select array_agg(id) from accused), '{}') as accused,
  (select coalesce(jsonb_agg(jsonb_build_object(
     'id', o.id, 'code', o.code, 'kind', o.kind, 'level', o.level, 'path', o.path, 'closedAt', o.closed_at)), '[]')
   from codes join organisation o on o.code = codes.code) as organisations`;

/** Of a referral that is there; `more` are organisations that are no parties of it yet. */
export const loadFacts = (q: Queryable, referralId: string, more: readonly string[] = []): Promise<Facts> =>
  q.one<Facts>(FACTS, [referralId, null, null, more]);

/** Of one that is to be opened. */
export const loadFactsBefore = (
  q: Queryable,
  order: { readonly parentId: string | null; readonly disputeId: string; readonly organisations: readonly string[] },
): Promise<Facts> => q.one<Facts>(FACTS, [null, order.parentId, order.disputeId, order.organisations]);

export interface Relations {
  readonly knows: (organisation: string) => boolean;
  readonly isBarred: (organisation: string) => boolean;
  readonly superiorOf: (one: string, other: string) => string | null;
  readonly isAbove: (one: string, other: string) => boolean;
  readonly levelUp: (organisation: string) => string | null;
  readonly levelOf: (organisation: string) => Level | null;
}

/** The tree of organisations as far as one act touches it. */
export function relate({ organisations, accused }: Pick<Facts, 'organisations' | 'accused'>): Relations {
  const byId = new Map(organisations.map((one) => [one.id, one]));
  const byCode = new Map(organisations.map((one) => [one.code, one]));
  const barredPaths = accused.flatMap((id) => byId.get(id)?.path ?? []);
  const isBarred = (id: string): boolean => barredPaths.some((path) => byId.get(id)?.path.startsWith(path) ?? false);
  const knows = (id: string): boolean => byId.get(id)?.closedAt === null;
  // From the nearest upwards, without itself.
  const aboveOf = (id: string): OrganisationFact[] =>
    (byId.get(id)?.path ?? '')
      .split('/')
      .filter((code) => code !== '')
      .slice(0, -1)
      .reverse()
      .flatMap((code) => byCode.get(code) ?? []);
  const fit = (one: OrganisationFact | undefined): string | null =>
    one && knows(one.id) && !isBarred(one.id) ? one.id : null;
  const centre = organisations.find(({ kind, level }) => kind === 'CENTRE' && level === 'COUNTY');
  return {
    knows,
    isBarred,
    superiorOf(one, other) {
      const others = new Set(aboveOf(other).map(({ id }) => id));
      const common = aboveOf(one).find((candidate) => others.has(candidate.id) && fit(candidate) !== null);
      // Nobody decides in their own cause.
      return common?.id ?? (centre?.id === one || centre?.id === other ? null : fit(centre));
    },
    isAbove: (one, other) => aboveOf(other).some(({ id }) => id === one),
    levelUp: (id) => aboveOf(id).flatMap((candidate) => fit(candidate) ?? [])[0] ?? null,
    levelOf: (id) => byId.get(id)?.level ?? null,
  };
}
