/**
 * How long an endpoint that fails is left alone. The wait belongs to the endpoint, not to each message: one message at a time
 * is tried while the others wait, so that an office whose system is down for a night is not met by hundreds of attempts.
 */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** After the first failure, the second, and so on. The first probe of all is made at once. */
const WAITS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const;

export const MAX_PROBES = WAITS.length + 1;

/** Endpoints that failed together do not come back together. */
const JITTER = 0.1;

/** An endpoint that asks for more is asked again after a day all the same. */
const MAX_RETRY_AFTER_MS = 24 * HOUR;

const DEAD_AFTER_MS = 5 * 24 * HOUR;

/**
 * When the endpoint is tried next, by the wall clock, after `failures` failed probes in a row; null when all are used up: the
 * message has failed. `retryAfterMs` is what the endpoint itself asked for: never sooner than that. `random` gives [0, 1).
 */
export function nextProbeAt(
  failures: number,
  lastFailureAt: Date,
  retryAfterMs: number | null,
  random: () => number,
): Date | null {
  if (failures >= MAX_PROBES) return null;
  const wait = failures <= 0 ? 0 : (WAITS[failures - 1] ?? 0) * (1 - JITTER + 2 * JITTER * random());
  const asked = Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
  return new Date(lastFailureAt.getTime() + Math.round(Math.max(wait, asked)));
}

/** Whether it has been failing without one success for so long that it is disabled. */
export const isDead = (failingSince: Date | null, now: Date): boolean =>
  failingSince !== null && now.getTime() - failingSince.getTime() >= DEAD_AFTER_MS;
