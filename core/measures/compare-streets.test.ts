import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { partsOf, type CalendarPeriod } from './calendar-period.ts';
import {
  compareStreets,
  type Compared,
  type CountedAs,
  type MonthCount,
  type StreetQuestion,
  type StreetReport,
} from './compare-streets.ts';
import { SMALLEST_TOLD } from './hide-small.ts';

const YEAR: CalendarPeriod = { firstMonth: 2025 * 12, months: 12 };
const CATEGORIES = ['NEIGHBOUR', 'LENDING', 'LABOUR'];
const ALL_COUNTED: ReadonlySet<CountedAs> = new Set<CountedAs>(['hotline', 'police', 'filings']);
const question = (more: Partial<StreetQuestion> = {}): StreetQuestion => ({
  ...{ streetIds: ['a', 'b', 'c'], categories: CATEGORIES, category: null, period: YEAR, onBasis: ALL_COUNTED },
  ...more,
});
const counted = (streetId: string | null, countedAs: CountedAs, count: number, more: Partial<MonthCount> = {}) => ({
  ...{ month: YEAR.firstMonth, streetId, category: 'NEIGHBOUR', countedAs, count },
  ...more,
});
const JANUARY: CalendarPeriod = { firstMonth: YEAR.firstMonth, months: 1 };

describe('A report', () => {
  test('tells each street’s numbers, the county’s, and those of before', () => {
    const report = compareStreets(question({ period: { firstMonth: YEAR.firstMonth + 1, months: 1 } }), [
      ...['a', 'b', 'c'].flatMap((street) => [
        counted(street, 'hotline', 360, { month: YEAR.firstMonth + 1 }),
        counted(street, 'police', 240, { month: YEAR.firstMonth + 1 }),
        counted(street, 'filings', street === 'a' ? 180 : 120, { month: YEAR.firstMonth + 1 }),
        counted(street, 'hotline', 12),
        counted(street, 'police', 10),
      ]),
      counted(null, 'filings', 7, { month: YEAR.firstMonth + 1 }),
    ]);
    expect(report.county).toEqual({
      hotline: 1_080,
      police: 720,
      reported: 1_800,
      filings: 420,
      suitsPerReport: 420 / 1_800,
    });
    expect(report.unknownPlace.filings).toBe(7);
    expect(report.streets.map(({ streetId, standing }) => [streetId, standing])).toEqual([
      ['a', 'HIGHER'],
      ['b', 'USUAL'],
      ['c', 'USUAL'],
    ]);
    expect(report.streets[0]?.timesTheRest).toBeCloseTo(1.5, 10);
    expect(report.streets[0]).toMatchObject({
      ...{ counts: { reported: 600, filings: 180, suitsPerReport: 0.3 }, before: { police: 10, filings: null } },
    });
  });

  test('tells no group under 5, and no second one that would lead to it', () => {
    const { county, streets } = compareStreets(question({ period: JANUARY }), [
      counted('a', 'filings', 3),
      counted('b', 'filings', 8),
      counted('c', 'filings', 90),
    ]);
    expect(county.filings).toBe(101);
    expect(streets.map(({ counts }) => counts.filings)).toEqual([null, null, 90]);
  });

  test('hides one more where all that is hidden makes less than 5 together', () => {
    const { county, streets } = compareStreets(question({ period: JANUARY }), [
      counted('a', 'filings', 1),
      counted('b', 'filings', 2),
      counted('c', 'filings', 90),
    ]);
    expect([county, ...streets.map(({ counts }) => counts)].map(({ filings }) => filings)).toEqual([
      93,
      null,
      null,
      null,
    ]);
  });

  test('tells no longer period of which one shorter is hidden', () => {
    const months = [0, 1, 2].flatMap((month) =>
      ['a', 'b', 'c'].map((street) =>
        counted(street, 'filings', street !== 'c' && month === 2 ? 3 : 50, { month: YEAR.firstMonth + month }),
      ),
    );
    const quarter = compareStreets(question({ period: { ...YEAR, months: 3 } }), months);
    expect(quarter.streets.map(({ counts }) => counts.filings)).toEqual([null, null, 150]);
    expect(quarter.county.filings).toBe(356);
  });

  test('without a department tells the others’ numbers as if it were not there', () => {
    const rows = ['a', 'b', 'c'].flatMap((street) => [counted(street, 'hotline', 9), counted(street, 'filings', 9)]);
    const { county, streets } = compareStreets(
      question({ period: JANUARY, onBasis: new Set<CountedAs>(['hotline', 'filings']) }),
      rows,
    );
    expect(county).toEqual({ hotline: 27, police: null, reported: null, filings: 27, suitsPerReport: null });
    expect(streets.map(({ counts, standing }) => [counts.hotline, standing])).toEqual([
      [9, null],
      [9, null],
      [9, null],
    ]);
  });

  test('of a county without streets has nothing to tell', () => {
    expect(compareStreets(question({ streetIds: [] }), []).streets).toEqual([]);
  });
});

/** What everybody together can ask, and the numbers behind it. */
const MEASURES = ['hotline', 'police', 'reported', 'filings'] as const;
interface Cell {
  readonly key: string;
  readonly told: number | null;
  readonly real: number;
}
const descend = (period: CalendarPeriod): CalendarPeriod[] => [period, ...partsOf(period).flatMap(descend)];
const keyOf = ({ firstMonth, months }: CalendarPeriod, ...rest: string[]) => [firstMonth, months, ...rest].join(' ');

const STREETS = ['a', 'b', 'c', 'd'];
const ROWS = [...STREETS, 'county', 'unknown'];
const COLUMNS = [...CATEGORIES, 'all'];
const rowOf = (report: StreetReport, row: string): Compared | undefined =>
  row === 'county'
    ? report.county
    : row === 'unknown'
      ? report.unknownPlace
      : report.streets.find(({ streetId }) => streetId === row)?.counts;

function realOf(rows: readonly MonthCount[], period: CalendarPeriod, row: string, column: string, measure: string) {
  return rows
    .filter(
      ({ month, streetId, category, countedAs }) =>
        month >= period.firstMonth &&
        month < period.firstMonth + period.months &&
        (row === 'unknown' ? streetId === null : row === 'county' ? streetId !== null : streetId === row) &&
        (column === 'all' || category === column) &&
        (measure === 'reported' ? countedAs !== 'filings' : countedAs === measure),
    )
    .reduce((sum, { count }) => sum + count, 0);
}

function askAll(rows: readonly MonthCount[]): Map<string, Cell> {
  const cells = new Map<string, Cell>();
  for (const period of descend(YEAR))
    for (const column of COLUMNS) {
      const category = column === 'all' ? null : column;
      const report = compareStreets(question({ streetIds: STREETS, period, category }), rows);
      for (const row of ROWS)
        for (const measure of MEASURES) {
          const key = keyOf(period, row, column, measure);
          cells.set(key, {
            key,
            told: rowOf(report, row)?.[measure] ?? null,
            real: realOf(rows, period, row, column, measure),
          });
        }
    }
  return cells;
}

/** Every sum and what it is made of. */
function* sums(): Generator<readonly [sum: string, parts: readonly string[]]> {
  for (const period of descend(YEAR))
    for (const row of ROWS)
      for (const column of COLUMNS) {
        yield [
          keyOf(period, row, column, 'reported'),
          ['hotline', 'police'].map((measure) => keyOf(period, row, column, measure)),
        ];
        for (const measure of MEASURES) {
          const at = keyOf(period, row, column, measure);
          if (row === 'county') yield [at, STREETS.map((street) => keyOf(period, street, column, measure))];
          if (column === 'all') yield [at, CATEGORIES.map((one) => keyOf(period, row, one, measure))];
          for (const length of [1, 3, 6]) {
            const parts = descend(period).filter(({ months }) => months === length && length < period.months);
            if (parts.length > 0) yield [at, parts.map((part) => keyOf(part, row, column, measure))];
          }
        }
      }
}

const anyCounts = fc
  .array(
    fc.record({
      month: fc.integer({ min: YEAR.firstMonth, max: YEAR.firstMonth + 11 }),
      streetId: fc.constantFrom(...STREETS, null),
      category: fc.constantFrom(...CATEGORIES),
      countedAs: fc.constantFrom<CountedAs>('hotline', 'police', 'filings'),
      count: fc.oneof(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 200 })),
    }),
    { minLength: 0, maxLength: 700 },
  )
  .map((rows): MonthCount[] => rows);

/** From everything to nearly everything known, as a big county has it, and to hardly anything. */
const dense = fc.infiniteStream(fc.integer({ min: 0, max: 60 })).map((stream) => {
  const next = (): number => Number(stream.next().value);
  return Array.from({ length: 12 }, (_, month) => month + YEAR.firstMonth).flatMap((month) =>
    [...STREETS, null].flatMap((streetId) =>
      CATEGORIES.flatMap((category) =>
        (['hotline', 'police', 'filings'] as const).map((countedAs): MonthCount => {
          const drawn = next();
          return { month, streetId, category, countedAs, count: drawn < 54 ? drawn + 5 : drawn - 54 };
        }),
      ),
    ),
  );
});

describe('Whatever is asked, of all periods of a year, all categories and all streets,', () => {
  test('what is told is right and 5 or more, and nothing that is hidden comes out by subtraction', () => {
    fc.assert(
      fc.property(fc.oneof(anyCounts, dense), (rows) => {
        const cells = askAll(rows);
        const cell = (key: string): Cell => cells.get(key) ?? { key, told: null, real: -1 };
        for (const { told, real } of cells.values())
          if (told !== null) expect([told, told >= SMALLEST_TOLD]).toEqual([real, true]);
        for (const [sum, parts] of sums()) {
          const total = cell(sum);
          const hidden = parts.map(cell).filter(({ told }) => told === null);
          if (total.told === null) expect(hidden.length, `${sum} is the sum of what is told`).toBeGreaterThan(0);
          else if (hidden.length > 0) {
            expect(hidden.length, `${sum} leads to ${hidden[0]?.key}`).toBeGreaterThan(1);
            const together = hidden.reduce((whole, { real }) => whole + real, 0);
            expect(together, `${sum} leads to few`).toBeGreaterThanOrEqual(SMALLEST_TOLD);
          }
        }
      }),
      { numRuns: process.env['FULL'] ? 200 : 12 },
    );
  });

  test('a month once told stays told when the year has gone on', () => {
    fc.assert(
      fc.property(dense, (rows) => {
        const early = rows.filter(({ month }) => month === YEAR.firstMonth);
        const asked = question({ streetIds: STREETS, period: JANUARY });
        expect(compareStreets(asked, rows)).toEqual(compareStreets(asked, early));
      }),
      { numRuns: 20 },
    );
  });

  test('a ratio is told only with the numbers that it is made of', () => {
    fc.assert(
      fc.property(anyCounts, (rows) => {
        for (const period of descend(YEAR))
          for (const { counts, timesTheRest } of compareStreets(question({ streetIds: STREETS, period }), rows).streets)
            if (counts.suitsPerReport !== null || timesTheRest !== null)
              expect([counts.filings, counts.reported]).not.toContain(null);
      }),
      { numRuns: 20 },
    );
  });
});
