/** Queue `dispatch`: what waits in a lane of the outbox becomes deliveries, which are queued at once. A job names the lane. */
import type { Dispatch } from '../core/delivery/dispatch.ts';
import { createQueueWorker, type QueueWorker, type QueueWorkerDeps } from './queue-worker.ts';

export interface DispatchWorkerDeps extends QueueWorkerDeps {
  readonly dispatch: Dispatch;
}

const CONCURRENCY = 4;

export function createDispatchWorker(deps: DispatchWorkerDeps): QueueWorker {
  const { queues, dispatch } = deps;
  const lanes = queues.queue('dispatch');
  const deliveries = queues.queue('deliver');

  async function handle(lane: string): Promise<void> {
    // Crash here, or after some: stored, not yet queued; the sweep of `deliver` finds them.
    for (const look of await dispatch.dispatch(lane)) await deliveries.announce(look.id, look.attempts);
  }

  /** Every lane in which something waits. */
  async function sweep(): Promise<void> {
    for (const lane of await dispatch.due()) await lanes.look(lane, 0);
  }

  return createQueueWorker(deps, { name: 'dispatch', concurrency: CONCURRENCY, handle, sweep });
}
