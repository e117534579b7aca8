/** Queue `clocks`: let a referral's clocks say what is due. A job names the referral; when it is due stands in its row. */
import { z } from 'zod';
import type { Clock } from '../core/platform/clock.ts';
import type { Db } from '../core/platform/db.ts';
import type { Log } from '../core/platform/log.ts';
import type { Queues } from '../core/platform/queue.ts';
import { findDueReferrals, type DueReferral } from '../core/referrals/due.ts';
import type { ReferralEngine } from '../core/referrals/engine.ts';
import { startSweep } from './sweep.ts';

export const ClocksJob = z.object({ id: z.string().min(1) });

export interface ClocksWorkerDeps {
  readonly queues: Queues;
  readonly engine: Pick<ReferralEngine, 'tick'>;
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  /** After a tick that told something: its messages wait in this lane. */
  readonly announce: (lane: string) => void;
  /** Milliseconds between two looks at what is due. */
  readonly sweepMs?: number;
  /** How many one look queues. */
  readonly atOnce?: number;
}

const CONCURRENCY = 4;

export interface ClocksWorker {
  /** Queues whatever is due; the timer calls it, and anybody may who does not want to wait. */
  sweep(): Promise<void>;
  stop(): Promise<void>;
}

export function createClocksWorker({
  queues,
  engine,
  db,
  clock,
  log,
  announce,
  sweepMs = 1_000,
  atOnce = 1_000,
}: ClocksWorkerDeps): ClocksWorker {
  const queue = queues.queue('clocks');

  // Twice for one referral is harmless: the second finds nothing due, or somebody at it.
  async function handle(data: unknown): Promise<void> {
    const { id } = ClocksJob.parse(data);
    const told = await db.tx((tx) => engine.tick(tx, id));
    // Crash here: written, not yet said; the sweep of `dispatch` finds it.
    if (told) announce(id);
  }

  // Where the next look goes on. Those whose tick fails stay due and stay the longest due: without it a thousand of them
  // would hide all others. After the last it begins again, so they are tried again too.
  let reached: DueReferral | null = null;

  async function sweep(): Promise<void> {
    const due = await findDueReferrals(db, clock.business(), reached, atOnce);
    for (const { id } of due) await queue.look(id, 0);
    reached = due.length < atOnce ? null : (due.at(-1) ?? null);
  }

  queues.work('clocks', handle, { concurrency: CONCURRENCY });
  const sweeping = startSweep({ db, name: 'clocks', everyMs: sweepMs, log, sweep });
  return { sweep, stop: () => sweeping.stop() };
}
