/**
 * Two clocks. `business` decides deadlines and may be advanced in the demo; `wall` is the real time, for tokens,
 * signatures and leases. Both are handed in, so that tests own them.
 */
export interface Clock {
  business(): Date;
  wall(): Date;
}

export const systemClock: Clock = { business: () => new Date(), wall: () => new Date() };
