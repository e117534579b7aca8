/** Referrals whose clocks have something to say. */
import type { Queryable } from '../platform/db.ts';

/** More than one sweep can queue; the next goes on. */
const AT_ONCE = 1_000;

/** `now`: the business clock's. Longest due first. */
export async function findDueReferrals(q: Queryable, now: Date): Promise<string[]> {
  const rows = await q.query<{ id: string }>('select id from referral where tick_at <= $1 order by tick_at limit $2', [
    now,
    AT_ONCE,
  ]);
  return rows.map(({ id }) => id);
}
