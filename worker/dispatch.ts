/** Queue `dispatch`: what waits in a lane of the outbox becomes deliveries, which are queued at once. A job names the lane. */
import { z } from 'zod';
import type { Dispatch } from '../core/delivery/dispatch.ts';
import type { Db } from '../core/platform/db.ts';
import type { Log } from '../core/platform/log.ts';
import type { Queues } from '../core/platform/queue.ts';
import { startSweep } from './sweep.ts';

export const DispatchJob = z.object({ id: z.string().min(1) });

export interface DispatchWorkerDeps {
  readonly queues: Queues;
  readonly dispatch: Dispatch;
  readonly db: Db;
  readonly log: Log;
  /** Milliseconds between two looks at what waits. */
  readonly sweepMs?: number;
}

const CONCURRENCY = 4;

export interface DispatchWorker {
  /** Queues every lane in which something waits; the timer calls it, and anybody may who does not want to wait. */
  sweep(): Promise<void>;
  stop(): Promise<void>;
}

export function createDispatchWorker({
  queues,
  dispatch,
  db,
  log,
  sweepMs = 1_000,
}: DispatchWorkerDeps): DispatchWorker {
  const lanes = queues.queue('dispatch');
  const deliveries = queues.queue('deliver');

  async function handle(data: unknown): Promise<void> {
    const { id } = DispatchJob.parse(data);
    // Crash here, or after some: stored, not yet queued; the sweep of `deliver` finds them.
    for (const look of await dispatch.dispatch(id)) await deliveries.announce(look.id, look.attempts);
  }

  async function sweep(): Promise<void> {
    for (const lane of await dispatch.due()) await lanes.look(lane, 0);
  }

  queues.work('dispatch', handle, { concurrency: CONCURRENCY });
  const sweeping = startSweep({ db, name: 'dispatch', everyMs: sweepMs, log, sweep });
  return { sweep, stop: () => sweeping.stop() };
}
