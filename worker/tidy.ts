/**
 * Forgets what need not be kept any longer (attempts, what departments' systems sent, keys of acts) and makes room for what
 * comes: the next months' disclosures. No job: nobody waits for it.
 */
import { makeDisclosureMonths } from '../core/audit/disclosure-month.ts';
import { forgetAttempts, forgetInbox } from '../core/delivery/forget.ts';
import type { Clock } from '../core/platform/clock.ts';
import type { Db } from '../core/platform/db.ts';
import { forgetKeys } from '../core/platform/idempotency.ts';
import type { Log } from '../core/platform/log.ts';
import { startSweep } from './sweep.ts';

export interface TidyWorkerDeps {
  readonly db: Db;
  readonly clock: Pick<Clock, 'wall'>;
  readonly log: Log;
  /** Milliseconds between two looks. */
  readonly sweepMs?: number;
}

export interface TidyWorker {
  stop(): Promise<void>;
}

const QUARTER_OF_AN_HOUR_MS = 15 * 60 * 1_000;

/** Each in pieces, until nothing old is left or it is to stop. */
export async function tidy(db: Db, now: Date, signal?: AbortSignal): Promise<void> {
  await makeDisclosureMonths(db, now);
  for (const forget of [forgetAttempts, forgetInbox, forgetKeys])
    while (!signal?.aborted && (await forget(db, now)) > 0);
}

export function createTidyWorker({ db, clock, log, sweepMs = QUARTER_OF_AN_HOUR_MS }: TidyWorkerDeps): TidyWorker {
  const sweep = (signal: AbortSignal): Promise<void> => tidy(db, clock.wall(), signal);
  const sweeping = startSweep({ db, name: 'tidy', everyMs: sweepMs, log, sweep });
  return { stop: () => sweeping.stop() };
}
