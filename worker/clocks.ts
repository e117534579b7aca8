/** Queue `clocks`: let a referral's clocks say what is due. A job names the referral; when it is due stands in its row. */
import type { Clock } from '../core/platform/clock.ts';
import { findDueReferrals } from '../core/referrals/due.ts';
import type { ReferralEngine } from '../core/referrals/engine.ts';
import { createQueueWorker, type QueueWorker, type QueueWorkerDeps } from './queue-worker.ts';

export interface ClocksWorkerDeps extends QueueWorkerDeps {
  readonly engine: Pick<ReferralEngine, 'tick'>;
  readonly clock: Clock;
  /** After a tick that told something: its messages wait in this lane. */
  readonly announce: (lane: string) => Promise<void>;
}

const CONCURRENCY = 4;

export function createClocksWorker(deps: ClocksWorkerDeps): QueueWorker {
  const { queues, engine, db, clock, announce } = deps;
  const queue = queues.queue('clocks');

  // Twice for one referral is harmless: the second finds nothing due, or somebody at it.
  async function handle(id: string): Promise<void> {
    const told = await db.tx((tx) => engine.tick(tx, id));
    // Crash here: written, not yet said; the sweep of `dispatch` finds it.
    if (told) await announce(id);
  }

  async function sweep(): Promise<void> {
    for (const id of await findDueReferrals(db, clock.business())) await queue.look(id, 0);
  }

  return createQueueWorker(deps, { name: 'clocks', concurrency: CONCURRENCY, handle, sweep });
}
