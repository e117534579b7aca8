import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { legalDay } from '../platform/clock.ts';
import { clockAmount, dueAt, extendedDue, lastInstantBefore, yellowAt, yellowBetween } from './deadline.ts';
import type { RuleUnit, Span } from './deadline.ts';
import type { Pause } from './standing-still.ts';
import { createWorkingDays } from './working-day.ts';

const workingDays = createWorkingDays();
const later = new Date('2027-06-01T00:00:00Z');

/** Shanghai where nothing else is said. */
const at = (text: string): Date => new Date(text.endsWith('Z') ? text : `${text}+08:00`);
const shanghai = (instant: Date): string =>
  `${legalDay(instant)} ${instant.toLocaleTimeString('en-GB', { timeZone: 'Asia/Shanghai' })}`;

/** `15 DAYS rolls` */
function readLimit(text: string) {
  const [amount, unit, rolls] = text.split(' ');
  return { amount: Number(amount), unit: unit as RuleUnit, rolls: rolls === 'rolls' };
}

/** `from/until;from/until` */
const readPauses = (text: string): Pause[] =>
  text
    .split(';')
    .filter(Boolean)
    .map((pause) => {
      const [from = '', until = ''] = pause.split('/');
      return { from: at(from), until: at(until) };
    });

function readSpan(started: string, limit: string, pauses = ''): Span {
  const { rolls, ...asked } = readLimit(limit);
  const startedAt = at(started);
  return { startedAt, rolls, pauses: readPauses(pauses), ...clockAmount(asked, startedAt) };
}

function extendedBy(span: Span, due: Date, extension: string): Date {
  const { rolls, ...asked } = readLimit(extension);
  const amount = clockAmount(asked, lastInstantBefore(due));
  return extendedDue({ dueAt: due, rolls, pauses: span.pauses, ...amount }, workingDays, later);
}

// Worked out by hand from the State Council's calendars for 2025 and 2026; times are Shanghai's unless they end in Z.
const table = readFileSync(new URL('./deadline-table.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','));

describe('Deadlines worked out by hand', () => {
  test('there are at least 200, each with all its columns', () => {
    expect(table.length).toBeGreaterThanOrEqual(200);
    expect(table.filter((row) => row.length !== 6)).toEqual([]);
  });

  test.each(table)('%s and %s, pauses "%s", extension "%s": due %s (%s)', (started, limit, pauses, extension, due) => {
    const span = readSpan(started ?? '', limit ?? '', pauses);
    const first = dueAt(span, workingDays, later);
    expect(shanghai(extension ? extendedBy(span, first, extension) : first)).toBe(shanghai(at(due ?? '')));
  });
});

test('Two thirds of the way from start to due a clock turns yellow', () => {
  const span = readSpan('2025-09-01T09:00', '15 DAYS');
  expect(shanghai(yellowAt(span, workingDays, later))).toBe('2025-09-11 19:00:00');
  const hours = readSpan('2025-10-01T09:00', '72 HOURS');
  expect(shanghai(yellowAt(hours, workingDays, later))).toBe('2025-10-03 09:00:00');
});

test('Time in which a clock stands still does not bring it nearer to yellow', () => {
  const span = readSpan('2025-07-07T09:00', '24 HOURS', '2025-07-07T10:00/2025-07-07T14:00');
  expect(shanghai(yellowAt(span, workingDays, later))).toBe('2025-07-08 05:00:00');
  const due = dueAt(span, workingDays, later);
  expect(shanghai(yellowBetween(span.startedAt, extendedBy(span, due, '12 HOURS'), span.pauses, later))).toBe(
    '2025-07-08 13:00:00',
  );
});

test('A clock that stands still is never overdue, not even one that was stopped on its last day', () => {
  for (const limit of ['72 HOURS', '3 DAYS', '3 DAYS rolls', '2 WORKING_DAYS']) {
    const span = { ...readSpan('2025-07-07T09:00', limit), pauses: [{ from: at('2025-07-09T10:00'), until: null }] };
    for (const now of [
      '2025-07-09T10:01',
      '2025-07-10T00:00',
      '2025-07-11T00:00',
      '2025-07-12T13:00',
      '2025-10-03T09:00',
    ]) {
      expect(dueAt(span, workingDays, at(now)).getTime()).toBeGreaterThan(at(now).getTime());
    }
  }
});

test('Two months become days for a clock, as the public API has no months', () => {
  const two = { amount: 2, unit: 'MONTHS' } as const;
  expect(clockAmount(two, at('2025-09-01T09:00'))).toEqual({ amount: 61, unit: 'DAYS' });
  expect(clockAmount(two, at('2025-12-31T09:00'))).toEqual({ amount: 59, unit: 'DAYS' });
  expect(clockAmount({ amount: 5, unit: 'WORKING_DAYS' }, at('2025-12-31T09:00'))).toEqual({
    amount: 5,
    unit: 'WORKING_DAYS',
  });
});

const instant = fc.date({ min: at('2025-01-01T00:00'), max: at('2026-06-30T00:00'), noInvalidDate: true });
const pause = fc
  .tuple(instant, fc.integer({ min: 0, max: 20 * 24 * 60 }))
  .map(([from, minutes]): Pause => ({ from, until: new Date(from.getTime() + minutes * 60_000) }));
const anySpan: fc.Arbitrary<Span> = fc.record({
  startedAt: instant,
  amount: fc.integer({ min: 1, max: 90 }),
  unit: fc.constantFrom('HOURS', 'DAYS', 'WORKING_DAYS'),
  rolls: fc.boolean(),
  pauses: fc.array(pause, { maxLength: 4 }),
});
const due = (span: Span): number => dueAt(span, workingDays, later).getTime();

describe('Whatever the span', () => {
  test('a larger amount is never due earlier', () => {
    fc.assert(fc.property(anySpan, (span) => due(span) <= due({ ...span, amount: span.amount + 1 })));
  });

  test('a later start is never due earlier', () => {
    fc.assert(
      fc.property(anySpan, fc.integer({ min: 0, max: 30 * 24 * 3_600_000 }), (span, ms) => {
        return due(span) <= due({ ...span, startedAt: new Date(span.startedAt.getTime() + ms) });
      }),
    );
  });

  test('one more pause never makes it earlier, nor does a longer one', () => {
    fc.assert(
      fc.property(anySpan, pause, fc.integer({ min: 0, max: 10 * 24 * 3_600_000 }), (span, more, ms) => {
        const longer = { from: more.from, until: new Date((more.until?.getTime() ?? 0) + ms) };
        const withIt = due({ ...span, pauses: [...span.pauses, more] });
        return due(span) <= withIt && withIt <= due({ ...span, pauses: [...span.pauses, longer] });
      }),
    );
  });

  test('yellow lies between start and due date, and a period in days never ends while its clock stands still', () => {
    fc.assert(
      fc.property(anySpan, (span) => {
        const yellow = yellowAt(span, workingDays, later).getTime();
        const end = due(span);
        const inside = span.pauses.some(({ from, until }) => from.getTime() < end && end <= (until?.getTime() ?? 0));
        return span.startedAt.getTime() <= yellow && yellow <= end && (span.unit === 'HOURS' || !inside);
      }),
    );
  });

  test('days end at midnight in Shanghai, and an extension ends after what it extends', () => {
    fc.assert(
      fc.property(anySpan, (span) => {
        const first = dueAt(span, workingDays, later);
        if (span.unit !== 'HOURS') expect(shanghai(first)).toMatch(/ 00:00:00$/);
        expect(extendedDue({ ...span, dueAt: first }, workingDays, later).getTime()).toBeGreaterThan(first.getTime());
      }),
    );
  });
});
