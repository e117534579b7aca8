/** Queue `deliver`: one message to one endpoint. A job names the delivery; whether it may be sent now stands in PostgreSQL. */
import type { Deliver } from '../core/delivery/deliver.ts';
import { openDeskTasks } from '../core/delivery/desk-task.ts';
import { disableDead } from '../core/delivery/disable.ts';
import type { Clock } from '../core/platform/clock.ts';
import type { SuperviseUndelivered } from '../core/referrals/supervise-undelivered.ts';
import { createQueueWorker, type QueueWorker, type QueueWorkerDeps } from './queue-worker.ts';

export interface DeliverWorkerDeps extends QueueWorkerDeps {
  readonly deliver: Deliver;
  readonly supervise: SuperviseUndelivered;
  readonly clock: Clock;
}

/** Of these one endpoint takes a part only (core/delivery/claim.ts), so that a slow one does not keep the others waiting. */
const CONCURRENCY = 64;

export function createDeliverWorker(deps: DeliverWorkerDeps): QueueWorker {
  const { queues, deliver, supervise, db, clock } = deps;
  const deliveries = queues.queue('deliver');
  const lanes = queues.queue('dispatch');

  // Stopping takes no more work and breaks off what is being sent, to be sent again.
  async function handle(id: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { looks, lanes: told } = await deliver.deliver(id, signal);
    // Crash here: stored, not yet said; the sweeps find it.
    for (const look of looks) await worker.take(look.id, look.attempts);
    for (const lane of told) await lanes.announce(lane, 0);
  }

  /** Queues what is due, opens the desk's tasks. */
  async function sweep(): Promise<void> {
    for (const { id, attempts } of await deliver.due()) await deliveries.look(id, attempts);
    for (const lane of await disableDead(db, clock.wall())) await lanes.look(lane, 0);
    await openDeskTasks({ db, clock, supervise });
  }

  const worker = createQueueWorker(deps, { name: 'deliver', concurrency: CONCURRENCY, handle, sweep });
  return worker;
}
