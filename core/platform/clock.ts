/**
 * Two clocks. `business` decides deadlines and may be advanced in the demo; `wall` is the real time, for tokens,
 * signatures and leases. Both are handed in, so that tests own them.
 */
export interface Clock {
  business(): Date;
  wall(): Date;
}

export const systemClock: Clock = { business: () => new Date(), wall: () => new Date() };

const SHANGHAI_OFFSET_MS = 8 * 60 * 60 * 1_000;

/** The legal day, YYYY-MM-DD: Asia/Shanghai, which has had no summer time since 1991. */
export const legalDay = (at: Date): string => new Date(at.getTime() + SHANGHAI_OFFSET_MS).toISOString().slice(0, 10);

/** Of the legal day, as it stands in numbers that people use. */
export const legalYear = (at: Date): string => legalDay(at).slice(0, 4);
