/** What the workers of all queues have in common: jobs that name an id, a sweep that says again what is due, an end. */
import { setMaxListeners } from 'node:events';
import { bulkhead } from 'cockatiel';
import type { Db } from '../core/platform/db.ts';
import { describeError, type Log } from '../core/platform/log.ts';
import { QueueJob, type Queues } from '../core/platform/queue.ts';
import { startSweep } from './sweep.ts';

export interface QueueWorkerDeps {
  readonly queues: Queues;
  readonly db: Db;
  readonly log: Log;
  /** Milliseconds between two looks at what is due. */
  readonly sweepMs?: number;
  /** While fewer than these run, `take` begins at once; with 0 it always queues. By default as many as run at all. */
  readonly room?: number;
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
  /**
   * For what another worker of this process has just stored: begun here while there is room, otherwise queued. It goes
   * without a job, as a job is to carry what was stored elsewhere; what fails, or dies with this process, the sweep says again.
   */
  take(id: string, attempt: number): Promise<void>;
  /** Sweeps no more, and waits for what runs. */
  stop(): Promise<void>;
}

export function createQueueWorker(
  { queues, db, log, sweepMs = 1_000, room }: QueueWorkerDeps,
  { name, concurrency, handle, sweep }: QueueWork,
): QueueWorker {
  const stopped = new AbortController();
  // Everything that runs may listen to it.
  setMaxListeners(concurrency * 2, stopped.signal);
  const running = new Set<Promise<void>>();
  const queue = queues.queue(name);
  // A job may name many.
  const limit = bulkhead(concurrency, Infinity);

  function begin(id: string): Promise<void> {
    const done = limit.execute(() => handle(id, stopped.signal)).finally(() => running.delete(done));
    running.add(done);
    return done;
  }

  /** Of several the first that fails is the reason of the job's failure; done again, what went well finds nothing to do. */
  async function run(data: unknown): Promise<void> {
    const results = await Promise.allSettled(QueueJob.parse(data).map(begin));
    const failure = results.find((result) => result.status === 'rejected');
    if (failure) throw failure.reason;
  }

  async function take(id: string, attempt: number): Promise<void> {
    if (stopped.signal.aborted || running.size >= (room ?? concurrency)) return queue.announce(id, attempt);
    begin(id).catch((error: unknown) =>
      log.warn(
        { queue: name, error: describeError(error) },
        'could not be done at once; the sweep will look at it again',
      ),
    );
  }

  queues.work(name, run, { concurrency });
  const sweeping = startSweep({ db, name, everyMs: sweepMs, log, sweep });
  return {
    sweep,
    take,
    async stop() {
      stopped.abort();
      await sweeping.stop();
      await Promise.allSettled(running);
    },
  };
}
