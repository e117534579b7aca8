/**
 * A timer that looks in PostgreSQL for what is due and says it to the queue again. Not a queue's own timer: emptying Redis
 * would delete that. One process sweeps, another takes over when it is gone.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Db } from '../core/platform/db.ts';
import { AppError } from '../core/platform/errors.ts';
import type { Log } from '../core/platform/log.ts';

export interface SweepOptions {
  readonly db: Db;
  /** Of the queue; the lock bears it. */
  readonly name: string;
  /** Milliseconds between two looks. */
  readonly everyMs: number;
  readonly log: Log;
  readonly sweep: (signal: AbortSignal) => Promise<void>;
}

/** Who waits for its turn to sweep asks this much less often. */
const PATIENCE = 5;

export function startSweep({ db, name, everyMs, log, sweep }: SweepOptions): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const { signal } = stopped;
  const rest = (ms: number): Promise<void> => delay(ms, undefined, { signal }).catch(() => undefined);

  async function sweepForEver(): Promise<void> {
    while (!signal.aborted) {
      try {
        await db.tryWithAdvisoryLock(`${name}.sweep`, async (lost) => {
          // Whoever has lost the lock is not alone any more. One for all rounds: a signal is kept as long as those it follows.
          const over = AbortSignal.any([signal, lost]);
          while (!over.aborted) {
            await sweep(over);
            await rest(everyMs);
          }
        });
      } catch (error) {
        const code = error instanceof AppError ? error.code : 'INTERNAL';
        log.warn({ queue: name, code }, 'the sweep failed and will be tried again');
      }
      await rest(everyMs * PATIENCE);
    }
  }

  const sweeping = sweepForEver();
  return {
    async stop() {
      stopped.abort();
      await sweeping;
    },
  };
}
