/** So many calls in a minute, which begins with the first of them. */
export interface Quota {
  /** Counts a call, or says in how many seconds there will be quota again. */
  take(): number | null;
  limitTo(calls: number): void;
}

const WINDOW_MS = 60_000;

export function createQuota(calls: number, now: () => Date): Quota {
  let limit = calls;
  let began = -Infinity;
  let taken = 0;
  return {
    take() {
      const at = now().getTime();
      if (at - began >= WINDOW_MS) {
        began = at;
        taken = 0;
      }
      if (taken >= limit) return Math.max(1, Math.ceil((began + WINDOW_MS - at) / 1_000));
      taken += 1;
      return null;
    },
    limitTo(next) {
      limit = next;
    },
  };
}
