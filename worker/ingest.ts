/**
 * Queue `ingest`: read a department in when it is due; compare people when first loads are over, and then disputes. A job names the
 * department; where to go on stands with its feed.
 */
import type { DisputeComparing } from '../core/disputes/compare-disputes.ts';
import type { ReadIn } from '../core/people/read-in.ts';
import { createQueueWorker, type QueueWorker, type QueueWorkerDeps } from './queue-worker.ts';

export interface IngestWorkerDeps extends QueueWorkerDeps {
  readonly readIn: ReadIn;
  readonly disputes: DisputeComparing;
}

/** No department's code: whoever waits to be compared. */
const PEOPLE = 'people';
/** Nor this one: what might be one dispute. */
const DISPUTES = 'disputes';

export function createIngestWorker(deps: IngestWorkerDeps): QueueWorker {
  const { queues, readIn, disputes } = deps;
  const queue = queues.queue('ingest');

  // Stopping takes no more work; what is being read is left after its page, to be continued.
  async function handle(id: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    if (id !== PEOPLE && id !== DISPUTES) {
      if (!readIn.sources.includes(id)) return;
      await readIn.read(id, { signal });
    }
    if (await readIn.mustCompare()) await readIn.compare({ signal });
    if (await disputes.mustCompare()) await disputes.compare({ signal });
  }

  async function sweep(): Promise<void> {
    for (const { source, attempts } of await readIn.due()) await queue.look(source, attempts);
    if (await readIn.mustCompare()) await queue.look(PEOPLE, 0);
    if (await disputes.mustCompare()) await queue.look(DISPUTES, 0);
  }

  const concurrency = readIn.sources.length + 2;
  return createQueueWorker(deps, { name: 'ingest', concurrency, handle, sweep });
}
