/** Queue `deliver`: one message to one endpoint. A job names the delivery; whether it may be sent now stands in PostgreSQL. */
import { z } from 'zod';
import type { Deliver } from '../core/delivery/deliver.ts';
import { openDeskTasks } from '../core/delivery/desk-task.ts';
import { disableDead } from '../core/delivery/disable.ts';
import type { Clock } from '../core/platform/clock.ts';
import type { Db } from '../core/platform/db.ts';
import type { Log } from '../core/platform/log.ts';
import type { Queues } from '../core/platform/queue.ts';
import type { SuperviseUndelivered } from '../core/referrals/supervise-undelivered.ts';
import { startSweep } from './sweep.ts';

export const DeliverJob = z.object({ id: z.string().min(1) });

export interface DeliverWorkerDeps {
  readonly queues: Queues;
  readonly deliver: Deliver;
  readonly supervise: SuperviseUndelivered;
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds between two looks at what is due. */
  readonly sweepMs?: number;
}

/** Of these one endpoint takes a part only (core/delivery/claim.ts), so that a slow one does not keep the others waiting. */
const CONCURRENCY = 64;

export interface DeliverWorker {
  /** Queues what is due, opens the desk's tasks; the timer calls it, and anybody may who does not want to wait. */
  sweep(): Promise<void>;
  /** Takes no more work; what is being sent is broken off, to be sent again. */
  stop(): Promise<void>;
}

export function createDeliverWorker({
  queues,
  deliver,
  supervise,
  db,
  clock,
  log,
  sweepMs = 1_000,
}: DeliverWorkerDeps): DeliverWorker {
  const stopped = new AbortController();
  const { signal } = stopped;
  const deliveries = queues.queue('deliver');
  const lanes = queues.queue('dispatch');
  const sending = new Set<Promise<unknown>>();

  async function send(id: string): Promise<void> {
    const { looks, lanes: told } = await deliver.deliver(id, signal);
    // Crash here: stored, not yet queued; the sweeps find it.
    for (const look of looks) await deliveries.announce(look.id, look.attempts);
    for (const lane of told) await lanes.announce(lane, 0);
  }

  async function handle(data: unknown): Promise<void> {
    const { id } = DeliverJob.parse(data);
    if (signal.aborted) return;
    const sent = send(id);
    sending.add(sent);
    await sent.finally(() => sending.delete(sent));
  }

  async function sweep(): Promise<void> {
    for (const { id, attempts } of await deliver.due()) await deliveries.look(id, attempts);
    for (const lane of await disableDead(db, clock.wall())) await lanes.look(lane, 0);
    await openDeskTasks({ db, clock, supervise });
  }

  queues.work('deliver', handle, { concurrency: CONCURRENCY });
  const sweeping = startSweep({ db, name: 'deliver', everyMs: sweepMs, log, sweep });
  return {
    sweep,
    async stop() {
      stopped.abort();
      await sweeping.stop();
      await Promise.allSettled(sending);
    },
  };
}
