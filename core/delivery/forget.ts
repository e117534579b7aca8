/** Attempts are kept for 90 days; the deliveries themselves stay. */
import type { Queryable } from '../platform/db.ts';

const KEPT_MS = 90 * 24 * 60 * 60 * 1_000;

/** In pieces, so that no lock lasts long. */
const AT_ONCE = 5_000;

const FORGET = `
with old as (delete from delivery_attempt where id in (
  select id from delivery_attempt where at < $1 order by at limit $2) returning 1)
select count(*) as count from old`;

/** Returns how many are gone; call again while it is as many as one piece. */
export async function forgetAttempts(q: Queryable, now: Date): Promise<number> {
  const { count } = await q.one<{ count: number }>(FORGET, [new Date(now.getTime() - KEPT_MS), AT_ONCE]);
  return count;
}
