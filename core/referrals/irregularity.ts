/**
 * What makes figures look better than the work was, listed for auditors: time taken off a clock, matters closed again and again,
 * visits written down for another day, and organisations that rated themselves. A line is a question, not a verdict.
 */
import { accusedOf } from '../access/referral-sight.ts';
import type { Queryable } from '../platform/db.ts';

export const IRREGULARITIES = ['CLOCK_EDITED', 'CLOSED_AGAIN', 'VISIT_BACKDATED', 'SELF_RATED'] as const;
export type IrregularityKind = (typeof IRREGULARITIES)[number];

export interface Irregularity {
  /** Id of the event. */
  readonly eventId: string;
  readonly kind: IrregularityKind;
  readonly at: Date;
  readonly referralId: string;
  /** Of whoever acted. */
  readonly organisationId: string | null;
  readonly subject: string | null;
  readonly role: string;
}

export interface IrregularitySearch {
  readonly kinds: readonly IrregularityKind[];
  readonly from: Date;
  readonly to: Date;
  readonly after?: { readonly at: string; readonly eventId: string };
  readonly limit: number;
}

/** A visit is written down on the day itself or the next: 回访 is dated when it took place. */
const BACKDATED = `e.type = 'VISITED' and e.at - (e.body->>'visitedAt')::timestamptz > interval '2 days'`;

/** A person's or a whistler's word, given by the one who led the matter then. */
const SELF_RATED = `e.type = 'RATED' and e.body->>'by' <> 'RESPONDER' and e.actor_organisation_id = coalesce((
  select told.body->>'lead' from referral_event told where told.referral_id = e.referral_id and told.sequence < e.sequence
    and told.type in ('OPENED', 'REDIRECTED', 'JURISDICTION_DECIDED', 'ESCALATED') order by told.sequence desc limit 1), r.lead_id)`;

const EDITED = `(e.type in ('CLOCK_PAUSED', 'CLOCK_RESUMED') or (e.type = 'EXTENSION_DECIDED' and (e.body->>'approved')::boolean))`;

const CLOSED_AGAIN = `e.type = 'CLOSED' and exists (
  select from referral_event before where before.referral_id = e.referral_id and before.type = 'CLOSED' and before.sequence < e.sequence)`;

// The accusation barrier: an auditor of an accused organisation finds nothing of it here either.
const FOUND = `
select "eventId", kind, at, sort, "referralId", "organisationId", subject, role from (
  select e.id as "eventId", e.at, e.at::text as sort, e.referral_id as "referralId", e.actor_organisation_id as "organisationId",
    e.actor_subject as subject, e.actor_role as role,
    case when ${BACKDATED} then 'VISIT_BACKDATED' when ${SELF_RATED} then 'SELF_RATED' when ${EDITED} then 'CLOCK_EDITED'
      when ${CLOSED_AGAIN} then 'CLOSED_AGAIN' end as kind
  from referral_event e join referral r on r.id = e.referral_id join dispute d on d.id = r.dispute_id
  where e.type in ('VISITED', 'RATED', 'CLOCK_PAUSED', 'CLOCK_RESUMED', 'EXTENSION_DECIDED', 'CLOSED')
    and e.actor_subject is not null and e.at >= $2 and e.at <= $3
    and ($5::timestamptz is null or (e.at, e.id) < ($5::timestamptz, $6))
    and ($8 = '' or exists (select from organisation o where o.id = e.actor_organisation_id and starts_with(o.path, $8)))
    and not exists (select from ${accusedOf('coalesce(d.survivor_id, d.id)')} accused where accused.id = any ($1))
) event
where kind = any ($4) order by at desc, "eventId" desc limit $7`;

export interface AuditedBy {
  /** Of the auditor's organisation. */
  readonly selfAndAbove: readonly string[];
  /** Acts of organisations whose path begins with this; empty for all. */
  readonly under: string;
}

/** Newest first. */
export const findIrregularities = (
  q: Queryable,
  { selfAndAbove, under }: AuditedBy,
  { kinds, from, to, after, limit }: IrregularitySearch,
): Promise<(Irregularity & { readonly sort: string })[]> =>
  q.query(FOUND, [selfAndAbove, from, to, kinds, after?.at ?? null, after?.eventId ?? null, limit, under]);
