import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDead, MAX_PROBES, nextProbeAt } from './back-off.ts';

const at = new Date('2026-11-21T02:00:00Z');
const wait = (failures: number, retryAfterMs: number | null = null, random = 0.5) => {
  const next = nextProbeAt(failures, at, retryAfterMs, () => random);
  return next === null ? null : (next.getTime() - at.getTime()) / 1_000;
};
const HOUR = 3_600;

describe('the next probe', () => {
  it('comes at once, then after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, and then no more', () => {
    const waits = Array.from({ length: 12 }, (_, failures) => wait(failures));
    const hours = [2, 5, 10, 14, 20, 24].map((each) => each * HOUR);
    expect(waits).toEqual([0, 5, 300, 1_800, ...hours, null, null]);
    expect(waits.indexOf(null)).toBe(MAX_PROBES);
  });

  it('is up to a tenth sooner or later', () => {
    expect([wait(2, null, 0), wait(2, null, 0.999999)]).toEqual([270, 330]);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: MAX_PROBES - 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, random) => {
          const middle = wait(n) ?? NaN;
          const given = wait(n, null, random) ?? NaN;
          expect(given).toBeGreaterThanOrEqual(middle * 0.9);
          expect(given).toBeLessThanOrEqual(middle * 1.1);
        },
      ),
    );
  });

  it('waits as long as the endpoint asks, when that is longer, and at most a day', () => {
    expect(wait(1, 60_000)).toBe(60);
    expect(wait(1, 60_000, 0)).toBe(60);
    expect(wait(3, 1_000)).toBe(1_800);
    expect(wait(1, 90 * 24 * HOUR * 1_000)).toBe(24 * HOUR);
    expect(wait(0, 60_000)).toBe(60);
  });

  it('does not come because the endpoint asks, when all are used up', () => {
    expect(wait(MAX_PROBES, 1_000)).toBe(null);
  });
});

describe('an endpoint', () => {
  const days = (count: number) => new Date(at.getTime() + count * 24 * HOUR * 1_000);

  it('is dead after failing for five days', () => {
    expect(isDead(at, new Date(days(5).getTime() - 1))).toBe(false);
    expect(isDead(at, days(5))).toBe(true);
  });

  it('that does not fail never is', () => {
    expect(isDead(null, days(500))).toBe(false);
  });
});
