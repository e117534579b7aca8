/** Queue `clocks`: let a referral's clocks say what is due. A job names the referral; when it is due stands in its row. */
import type { Clock } from '../core/platform/clock.ts';
import { findDueReferrals, type DueReferral } from '../core/referrals/due.ts';
import type { ReferralEngine } from '../core/referrals/engine.ts';
import { createQueueWorker, type QueueWorker, type QueueWorkerDeps } from './queue-worker.ts';

export interface ClocksWorkerDeps extends QueueWorkerDeps {
  readonly engine: Pick<ReferralEngine, 'tick'>;
  readonly clock: Clock;
  /** After a tick that told something: its messages wait in this lane. */
  readonly announce: (lane: string) => Promise<void>;
  /** How many one look queues. */
  readonly atOnce?: number;
}

const CONCURRENCY = 4;

export function createClocksWorker(deps: ClocksWorkerDeps): QueueWorker {
  const { queues, engine, db, clock, announce, atOnce = 1_000 } = deps;
  const queue = queues.queue('clocks');

  // Twice for one referral is harmless: the second finds nothing due, or somebody at it.
  async function handle(id: string): Promise<void> {
    const told = await db.tx((tx) => engine.tick(tx, id));
    // Crash here: written, not yet said; the sweep of `dispatch` finds it.
    if (told) await announce(id);
  }

  // Where the next look goes on. Those whose tick fails stay due and stay the longest due: without it a thousand of them
  // would hide all others. After the last it begins again, so they are tried again too.
  let reached: DueReferral | null = null;

  async function sweep(): Promise<void> {
    const due = await findDueReferrals(db, clock.business(), reached, atOnce);
    for (const { id } of due) await queue.look(id, 0);
    reached = due.length < atOnce ? null : (due.at(-1) ?? null);
  }

  return createQueueWorker(deps, { name: 'clocks', concurrency: CONCURRENCY, handle, sweep });
}
