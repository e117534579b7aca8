/** Waiting, and nothing else, until nothing is left to do. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Db } from '../../core/platform/db.ts';
import type { Clock } from '../../core/platform/clock.ts';

const LEFT = `
select 'messages to dispatch' as what, count(*)::int as count from outbox where dispatched_at is null
union all select 'deliveries ' || status, count(*)::int from delivery where status in ('PENDING', 'WAITING', 'RETRYING') group by status
union all select 'messages to apply', count(*)::int from inbox where status = 'ACCEPTED'
union all select 'referrals with a clock that is due', count(*)::int from referral where tick_at <= $1`;

/** What is left to do, in words; empty when nothing is. */
export async function whatIsLeft(db: Db, clock: Clock): Promise<string[]> {
  const rows = await db.query<{ what: string; count: number }>(LEFT, [clock.business()]);
  return rows.filter(({ count }) => count > 0).map(({ what, count }) => `${count} ${what}`);
}

const LOOK_MS = 500;

/** Empty, or what was still not done when the time was up. */
export async function waitForQuiet(db: Db, clock: Clock, withinMs: number): Promise<string[]> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const left = await whatIsLeft(db, clock);
    if (left.length === 0 || performance.now() > deadline) return left;
    await delay(LOOK_MS);
  }
}
