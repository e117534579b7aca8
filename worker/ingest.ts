/** Queue `ingest`: read a department in when it is due. A job names the department; where to go on stands with its feed. */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { ReadIn } from '../core/people/read-in.ts';
import type { Db } from '../core/platform/db.ts';
import { AppError } from '../core/platform/errors.ts';
import type { Log } from '../core/platform/log.ts';
import type { Queues } from '../core/platform/queue.ts';

export const IngestJob = z.object({ id: z.string().min(1) });

export interface IngestWorkerDeps {
  readonly queues: Queues;
  readonly readIn: ReadIn;
  readonly db: Db;
  readonly log: Log;
  /** Milliseconds between two looks at what is due. */
  readonly sweepMs?: number;
}

export interface IngestWorker {
  /** Queues whatever is due; the timer calls it, and anybody may who does not want to wait. */
  sweep(): Promise<void>;
  /** Takes no more work; what is being read is left after its page, to be continued. */
  stop(): Promise<void>;
}

export function createIngestWorker({ queues, readIn, db, log, sweepMs = 1_000 }: IngestWorkerDeps): IngestWorker {
  const stopped = new AbortController();
  const { signal } = stopped;
  const queue = queues.queue('ingest');
  const reading = new Set<Promise<unknown>>();

  async function handle(data: unknown): Promise<void> {
    const { id } = IngestJob.parse(data);
    if (signal.aborted || !readIn.sources.includes(id)) return;
    const read = readIn.read(id, { signal });
    reading.add(read);
    await read.finally(() => reading.delete(read));
  }

  async function sweep(): Promise<void> {
    for (const { source, attempts } of await readIn.due()) await queue.look(source, attempts);
  }

  const rest = (ms: number): Promise<void> => delay(ms, undefined, { signal }).catch(() => undefined);

  // Not a queue's own timer: emptying Redis would delete that. One process sweeps, another takes over when it is gone.
  async function sweepForEver(): Promise<void> {
    while (!signal.aborted) {
      try {
        await db.tryWithAdvisoryLock('ingest.sweep', async (lost) => {
          while (!signal.aborted && !lost.aborted) {
            await sweep();
            await rest(sweepMs);
          }
        });
      } catch (error) {
        const code = error instanceof AppError ? error.code : 'INTERNAL';
        log.warn({ queue: 'ingest', code }, 'the sweep failed and will be tried again');
      }
      await rest(sweepMs * 5);
    }
  }

  queues.work('ingest', handle, { concurrency: Math.max(1, readIn.sources.length) });
  const sweeping = sweepForEver();

  return {
    sweep,
    async stop() {
      stopped.abort();
      await sweeping;
      await Promise.allSettled(reading);
    },
  };
}
