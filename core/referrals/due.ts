/** Referrals whose clocks have something to say. */
import type { Queryable } from '../platform/db.ts';

export interface DueReferral {
  readonly id: string;
  /** As the database writes it. */
  readonly tickAt: string;
}

const DUE = `
select id, tick_at::text as "tickAt" from referral
where tick_at <= $1 and ($2::timestamptz is null or (tick_at, id) > ($2, $3)) order by tick_at, id limit $4`;

/** `now`: the business clock's. Longest due first; `after` null: from the beginning. */
export const findDueReferrals = (
  q: Queryable,
  now: Date,
  after: DueReferral | null,
  limit: number,
): Promise<DueReferral[]> => q.query<DueReferral>(DUE, [now, after?.tickAt ?? null, after?.id ?? null, limit]);
