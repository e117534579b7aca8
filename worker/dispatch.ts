/** Queue `dispatch`: what waits in a lane of the outbox becomes deliveries, which are sent at once. A job names the lane. */
import type { Dispatch } from '../core/delivery/dispatch.ts';
import { createQueueWorker, type QueueWorker, type QueueWorkerDeps } from './queue-worker.ts';

export interface DispatchWorkerDeps extends QueueWorkerDeps {
  readonly dispatch: Dispatch;
  /** Sends what can be sent now. */
  readonly deliver: (id: string, attempt: number) => Promise<void>;
}

const CONCURRENCY = 4;

export function createDispatchWorker(deps: DispatchWorkerDeps): QueueWorker {
  const { queues, dispatch, deliver } = deps;
  const lanes = queues.queue('dispatch');

  async function handle(lane: string): Promise<void> {
    // Crash here, or after some: stored, not yet said; the sweep of `deliver` finds them.
    for (const look of await dispatch.dispatch(lane)) await deliver(look.id, look.attempts);
  }

  /** Every lane in which something waits. */
  async function sweep(): Promise<void> {
    for (const lane of await dispatch.due()) await lanes.look(lane, 0);
  }

  return createQueueWorker(deps, { name: 'dispatch', concurrency: CONCURRENCY, handle, sweep });
}
