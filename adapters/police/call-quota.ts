/** Our side of the police's quota of calls by key: people who wait go first, so bulk reading may spend only a share of it. */
import type { ReadPriority } from '../../core/department.ts';

export interface CallQuota {
  /** Counts a call about to be made; or says how many milliseconds too early it would be. */
  admit(priority: ReadPriority): number | null;
  /** The police said that the quota is spent: nothing is asked for so long. */
  pause(ms: number): void;
}

export interface CallQuotaOptions {
  readonly perMinute: number;
  /** More than 0, at most 1. */
  readonly bulkShare: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

const MINUTE_MS = 60_000;

export function createCallQuota({ perMinute, bulkShare, now }: CallQuotaOptions): CallQuota {
  const bulkPerMinute = Math.max(1, Math.floor(perMinute * bulkShare));
  // Any sixty seconds, not those of a calendar: whenever the police's own minute begins, the share holds in it.
  const bulkCalls: number[] = [];
  let pausedUntil = 0;
  return {
    admit(priority) {
      const at = now();
      if (at < pausedUntil) return pausedUntil - at;
      if (priority === 'interactive') return null;
      while (bulkCalls[0] !== undefined && bulkCalls[0] <= at - MINUTE_MS) bulkCalls.shift();
      if (bulkCalls[0] !== undefined && bulkCalls.length >= bulkPerMinute) return bulkCalls[0] + MINUTE_MS - at;
      bulkCalls.push(at);
      return null;
    },
    pause(ms) {
      // Their window is a minute; an answer that says "tomorrow" is not believed.
      pausedUntil = Math.max(pausedUntil, now() + Math.min(ms, MINUTE_MS));
    },
  };
}
