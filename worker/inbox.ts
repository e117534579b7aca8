/** Queue `inbox`: apply a message that a department's system sent. A job names its row; what it said and when it is due stand there. */
import { z } from 'zod';
import type { ApplyInbound } from '../core/delivery/apply-inbound.ts';
import type { Db } from '../core/platform/db.ts';
import type { Log } from '../core/platform/log.ts';
import type { Queues } from '../core/platform/queue.ts';
import { startSweep } from './sweep.ts';

export const InboxJob = z.object({ id: z.string().min(1) });

export interface InboxWorkerDeps {
  readonly queues: Queues;
  readonly inbound: ApplyInbound;
  readonly db: Db;
  readonly log: Log;
  /** After a message that told something: what it told waits in this lane. */
  readonly announce: (lane: string) => Promise<void>;
  /** Milliseconds between two looks at what is due. */
  readonly sweepMs?: number;
}

export interface InboxWorker {
  /** Queues whatever is due; the timer calls it, and anybody may who does not want to wait. */
  sweep(): Promise<void>;
  stop(): Promise<void>;
}

const CONCURRENCY = 4;

export function createInboxWorker({
  queues,
  inbound,
  db,
  log,
  announce,
  sweepMs = 1_000,
}: InboxWorkerDeps): InboxWorker {
  const queue = queues.queue('inbox');

  // Twice for one message is harmless: the second finds it settled, or somebody at it.
  async function handle(data: unknown): Promise<void> {
    const { id } = InboxJob.parse(data);
    const { told, next } = await inbound.apply(id);
    // Crash here: settled, neither told nor the next one said; the sweeps find both.
    if (told !== null) await announce(told);
    if (next !== null) await queue.look(next, 0);
  }

  async function sweep(): Promise<void> {
    for (const { id, attempts } of await inbound.due()) await queue.look(id, attempts);
  }

  queues.work('inbox', handle, { concurrency: CONCURRENCY });
  const sweeping = startSweep({ db, name: 'inbox', everyMs: sweepMs, log, sweep });
  return { sweep, stop: () => sweeping.stop() };
}
