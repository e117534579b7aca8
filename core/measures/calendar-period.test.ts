import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calendarPeriod, daysOf, partsOf, periodBefore } from './calendar-period.ts';

const LENGTHS = [1, 3, 6, 12];
const anyPeriod = fc
  .record({ index: fc.integer({ min: 0, max: 30 }), months: fc.constantFrom(...LENGTHS) })
  .map(({ index, months }) => ({ firstMonth: 2020 * 12 + index * months, months }));

describe('A period', () => {
  test.each([
    ['2026-02-01', '2026-02-28'],
    ['2024-02-01', '2024-02-29'],
    ['2026-04-01', '2026-06-30'],
    ['2026-07-01', '2026-12-31'],
    ['2025-01-01', '2025-12-31'],
  ])('is a month, quarter, half-year or year of the calendar: %s to %s', (from, to) => {
    const period = calendarPeriod(from, to);
    expect(period && daysOf(period)).toEqual({ from, to });
  });

  test.each([
    ['a day short', '2026-01-01', '2026-01-30'],
    ['begun late', '2026-01-02', '2026-01-31'],
    ['two months', '2026-01-01', '2026-02-28'],
    ['three months across two quarters', '2026-02-01', '2026-04-30'],
    ['two years', '2024-01-01', '2025-12-31'],
    ['the wrong way round', '2026-02-01', '2026-01-31'],
  ])('is nothing else: %s', (_, from, to) => {
    expect(calendarPeriod(from, to)).toBeNull();
  });

  test('follows the one before it without a day between, and is made up of its parts', () => {
    fc.assert(
      fc.property(anyPeriod, (period) => {
        const before = periodBefore(period);
        expect(before.months).toBe(period.months);
        expect(before.firstMonth + before.months).toBe(period.firstMonth);
        const parts = partsOf(period);
        expect(parts.length === 0).toBe(period.months === 1);
        expect(parts.map(({ firstMonth }) => firstMonth)).toEqual(
          parts.map((_, index) => period.firstMonth + (index * period.months) / parts.length),
        );
        for (const part of parts) {
          const { from, to } = daysOf(part);
          expect(calendarPeriod(from, to)).toEqual(part);
        }
      }),
    );
  });

  test('lies within another or has no day in common with it', () => {
    fc.assert(
      fc.property(anyPeriod, anyPeriod, (a, b) => {
        const [long, short] = a.months >= b.months ? [a, b] : [b, a];
        const starts = short.firstMonth >= long.firstMonth && short.firstMonth < long.firstMonth + long.months;
        const ends = short.firstMonth + short.months;
        const inside = ends > long.firstMonth && ends <= long.firstMonth + long.months;
        expect(starts).toBe(inside);
      }),
    );
  });
});
