/** Queue `ingest`: read a department in when it is due. A job names the department; where to go on stands with its feed. */
import { z } from 'zod';
import type { ReadIn } from '../core/people/read-in.ts';
import type { Db } from '../core/platform/db.ts';
import type { Log } from '../core/platform/log.ts';
import type { Queues } from '../core/platform/queue.ts';
import { startSweep } from './sweep.ts';

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

  queues.work('ingest', handle, { concurrency: Math.max(1, readIn.sources.length) });
  const sweeping = startSweep({ db, name: 'ingest', everyMs: sweepMs, log, sweep });

  return {
    sweep,
    async stop() {
      stopped.abort();
      await sweeping.stop();
      await Promise.allSettled(reading);
    },
  };
}
