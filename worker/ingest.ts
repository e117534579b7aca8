/** Queue `ingest`: read a department in when it is due. A job names the department; where to go on stands with its feed. */
import type { ReadIn } from '../core/people/read-in.ts';
import { createQueueWorker, type QueueWorker, type QueueWorkerDeps } from './queue-worker.ts';

export interface IngestWorkerDeps extends QueueWorkerDeps {
  readonly readIn: ReadIn;
}

export function createIngestWorker(deps: IngestWorkerDeps): QueueWorker {
  const { queues, readIn } = deps;
  const queue = queues.queue('ingest');

  // Stopping takes no more work; what is being read is left after its page, to be continued.
  async function handle(id: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted || !readIn.sources.includes(id)) return;
    await readIn.read(id, { signal });
  }

  async function sweep(): Promise<void> {
    for (const { source, attempts } of await readIn.due()) await queue.look(source, attempts);
  }

  const concurrency = Math.max(1, readIn.sources.length);
  return createQueueWorker(deps, { name: 'ingest', concurrency, handle, sweep });
}
