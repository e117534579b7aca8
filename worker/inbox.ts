/** Queue `inbox`: apply a message that a department's system sent. A job names its row; what it said and when it is due stand there. */
import type { ApplyInbound } from '../core/delivery/apply-inbound.ts';
import { createQueueWorker, type QueueWorker, type QueueWorkerDeps } from './queue-worker.ts';

export interface InboxWorkerDeps extends QueueWorkerDeps {
  readonly inbound: ApplyInbound;
  /** After a message that told something: what it told waits in this lane. */
  readonly announce: (lane: string) => Promise<void>;
}

/** Each has a connection to the database while it is applied. */
const CONCURRENCY = 8;

export function createInboxWorker(deps: InboxWorkerDeps): QueueWorker {
  const { queues, inbound, announce } = deps;
  const queue = queues.queue('inbox');

  // Twice for one message is harmless: the second finds it settled, or somebody at it.
  async function handle(id: string): Promise<void> {
    const { told, next } = await inbound.apply(id);
    // Crash here: settled, neither told nor the next one said; the sweeps find both.
    if (told !== null) await announce(told);
    if (next !== null) await worker.take(next, 0);
  }

  async function sweep(): Promise<void> {
    for (const { id, attempts } of await inbound.due()) await queue.look(id, attempts);
  }

  const worker = createQueueWorker(deps, { name: 'inbox', concurrency: CONCURRENCY, handle, sweep });
  return worker;
}
