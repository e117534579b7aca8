/** What the workers of all queues have in common: jobs that name an id, a sweep that says again what is due, an end. */
import { z } from 'zod';
import type { Db } from '../core/platform/db.ts';
import type { Log } from '../core/platform/log.ts';
import type { Queues } from '../core/platform/queue.ts';
import { startSweep } from './sweep.ts';

const QueueJob = z.object({ id: z.string().min(1) });

export interface QueueWorkerDeps {
  readonly queues: Queues;
  readonly db: Db;
  readonly log: Log;
  /** Milliseconds between two looks at what is due. */
  readonly sweepMs?: number;
}

export interface QueueWork {
  /** Of the queue. */
  readonly name: string;
  readonly concurrency: number;
  /** May run twice for one id, at once or in turn. The signal says that the worker is stopping. */
  readonly handle: (id: string, signal: AbortSignal) => Promise<void>;
  /** Queues whatever is due. */
  readonly sweep: () => Promise<void>;
}

export interface QueueWorker {
  /** The timer calls it, and anybody may who does not want to wait. */
  sweep(): Promise<void>;
  /** Sweeps no more, and waits for what runs. */
  stop(): Promise<void>;
}

export function createQueueWorker(
  { queues, db, log, sweepMs = 1_000 }: QueueWorkerDeps,
  { name, concurrency, handle, sweep }: QueueWork,
): QueueWorker {
  const stopped = new AbortController();
  const running = new Set<Promise<void>>();

  async function run(data: unknown): Promise<void> {
    const { id } = QueueJob.parse(data);
    const done = handle(id, stopped.signal);
    running.add(done);
    await done.finally(() => running.delete(done));
  }

  queues.work(name, run, { concurrency });
  const sweeping = startSweep({ db, name, everyMs: sweepMs, log, sweep });
  return {
    sweep,
    async stop() {
      stopped.abort();
      await sweeping.stop();
      await Promise.allSettled(running);
    },
  };
}
