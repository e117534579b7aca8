/** Answers take as long as such systems take: about log-normal around the median, at most twice it, longer under load. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Latency {
  wait(slowMs: number, signal?: AbortSignal): Promise<void>;
}

const SPREAD = 0.22;
const FREE_AT_ONCE = 16;
const PER_EXTRA = 0.02;

export function createLatency(medianMs: number, seed: number): Latency {
  let state = seed >>> 0;
  // Mulberry32: small, seeded, good enough for waiting.
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  let waiting = 0;
  return {
    async wait(slowMs, signal) {
      const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      const load = 1 + Math.max(0, waiting - FREE_AT_ONCE) * PER_EXTRA;
      const usual = medianMs * load * Math.min(2, Math.max(0.5, Math.exp(SPREAD * normal)));
      const ms = slowMs > 0 ? slowMs : usual;
      if (ms < 0.5) return;
      waiting += 1;
      try {
        await delay(ms, undefined, signal === undefined ? {} : { signal });
      } catch (error) {
        // The client has gone; the caller sees that on the connection itself.
        if ((error as Error).name !== 'AbortError') throw error;
      } finally {
        waiting -= 1;
      }
    },
  };
}
