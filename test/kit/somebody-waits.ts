import type { Queryable } from '../../core/platform/db.ts';

const WAITING = `select count(*) as n from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock' and state = 'active'`;

/** Resolves when somebody waits for a lock in this database. */
export async function somebodyWaits(q: Queryable): Promise<void> {
  for (;;) if ((await q.one<{ n: number }>(WAITING, [])).n > 0) return;
}
