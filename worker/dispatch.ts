/** Queue `dispatch`: what waits in a lane of the outbox becomes deliveries, which are sent at once. A job names the lane. */
import type { Dispatch } from '../core/delivery/dispatch.ts';
import { createBatches } from '../core/platform/batch.ts';
import { createQueueWorker, type QueueWorker, type QueueWorkerDeps } from './queue-worker.ts';

export interface DispatchWorkerDeps extends QueueWorkerDeps {
  readonly dispatch: Dispatch;
  /** Sends what can be sent now. */
  readonly deliver: (id: string, attempt: number) => Promise<void>;
}

const CONCURRENCY = 32;
const TOGETHER = { most: 32, atOnce: 1 };

export function createDispatchWorker(deps: DispatchWorkerDeps): QueueWorker {
  const { queues, dispatch, deliver } = deps;
  const lanes = queues.queue('dispatch');

  const handle = createBatches<string, void>(async (some) => {
    // Crash here, or after some: stored, not yet said; the sweep of `deliver` finds them.
    for (const look of await dispatch.dispatch(...some)) await deliver(look.id, look.attempts);
    return some.map(() => undefined);
  }, TOGETHER);

  /** Every lane in which something waits. */
  async function sweep(): Promise<void> {
    for (const lane of await dispatch.due()) await lanes.look(lane, 0);
  }

  return createQueueWorker(deps, { name: 'dispatch', concurrency: CONCURRENCY, handle, sweep });
}
