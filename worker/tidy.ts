/**
 * Forgets what need not be kept any longer, by the rules of retention, and makes room for what comes: the next months'
 * disclosures. No job: nobody waits for it.
 */
import { makeDisclosureMonths } from '../core/audit/disclosure-month.ts';
import type { Rules } from '../core/calendar/load-rules.ts';
import type { Clock } from '../core/platform/clock.ts';
import type { Db } from '../core/platform/db.ts';
import type { Log } from '../core/platform/log.ts';
import { retain } from '../core/retention/retain.ts';
import { startSweep } from './sweep.ts';

export interface TidyWorkerDeps {
  readonly db: Db;
  readonly rules: Rules;
  readonly clock: Pick<Clock, 'wall'>;
  readonly log: Log;
  /** Milliseconds between two looks. */
  readonly sweepMs?: number;
}

export interface TidyWorker {
  stop(): Promise<void>;
}

const QUARTER_OF_AN_HOUR_MS = 15 * 60 * 1_000;

export function createTidyWorker({
  db,
  rules,
  clock,
  log,
  sweepMs = QUARTER_OF_AN_HOUR_MS,
}: TidyWorkerDeps): TidyWorker {
  const sweep = async (signal: AbortSignal): Promise<void> => {
    await makeDisclosureMonths(db, clock.wall());
    await retain(db, rules, clock.wall(), { signal, alwaysOnly: true });
  };
  const sweeping = startSweep({ db, name: 'tidy', everyMs: sweepMs, log, sweep });
  return { stop: () => sweeping.stop() };
}
