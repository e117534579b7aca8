import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutoffOf, keptUntil } from './cutoff.ts';

const moment = fc.date({ min: new Date('2000-01-01'), max: new Date('2060-01-01'), noInvalidDate: true });
const length = fc.record({
  id: fc.constant('retention.any'),
  amount: fc.integer({ min: 1, max: 120 }),
  unit: fc.constantFrom('HOURS' as const, 'DAYS' as const, 'MONTHS' as const),
});

test('What a rule removes has had its time, by the same rule', () => {
  fc.assert(
    fc.property(moment, moment, length, (began, now, rule) => {
      if (began < cutoffOf(rule, now)) expect(keptUntil(rule, began).getTime()).toBeLessThanOrEqual(now.getTime());
    }),
  );
});

test('What has had its time for a week is removed', () => {
  fc.assert(
    fc.property(moment, length, (began, rule) => {
      const week = new Date(keptUntil(rule, began).getTime() + 7 * 24 * 60 * 60 * 1_000);
      expect(cutoffOf(rule, week).getTime()).toBeGreaterThan(began.getTime());
    }),
  );
});

test('Three years from a legal day end with the same day of the third year, in Shanghai', () => {
  const rule = { id: 'kept.any', amount: 36, unit: 'MONTHS' } as const;
  expect(keptUntil(rule, new Date('2026-03-01T20:00:00Z'))).toEqual(new Date('2029-03-02T16:00:00Z'));
  expect(cutoffOf(rule, new Date('2029-03-02T15:59:59Z'))).toEqual(new Date('2026-03-01T16:00:00Z'));
  expect(cutoffOf(rule, new Date('2029-03-02T16:00:00Z'))).toEqual(new Date('2026-03-02T16:00:00Z'));
});

test('A length in working days is refused', () => {
  expect(() => cutoffOf({ id: 'retention.x', amount: 3, unit: 'WORKING_DAYS' }, new Date())).toThrow('retention.x');
});
