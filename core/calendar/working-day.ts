/** Which days China works: the published holidays and make-up working days (调休), and what a county adds to them. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import chineseDays from 'chinese-days';
import { z } from 'zod';
import { parseYamlFile } from '../platform/county-config.ts';
import { AppError } from '../platform/errors.ts';

const dayOverride = z.strictObject({
  /** A legal day. */
  day: z.iso.date('is not a day such as 2027-02-06'),
  working: z.boolean('is neither true nor false'),
});
export type DayOverride = Readonly<z.infer<typeof dayOverride>>;

const dayOverrides = z.array(dayOverride, 'is not a list; write [] for none').superRefine((overrides, context) => {
  const seen = new Set<string>();
  for (const [index, { day }] of overrides.entries()) {
    if (seen.has(day)) {
      context.addIssue({ code: 'custom', path: [index, 'day'], message: 'stands here twice; keep one of the two' });
    }
    seen.add(day);
  }
});

/** Faults name the file and the line. */
export function loadDayOverrides(path: string): readonly DayOverride[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new AppError(
      'BAD_USER_INPUT',
      `${basename(path)} cannot be read; give the path of a file of working days that can.`,
      { cause },
    );
  }
  return parseYamlFile(text, basename(path), dayOverrides);
}

export interface WorkingDays {
  /** `day`: YYYY-MM-DD. */
  readonly isWorkingDay: (day: string) => boolean;
  /** Whether the year's list has been published to us. Without it Monday to Friday are working days, which is wrong on some 25 days. */
  readonly knowsYear: (year: number) => boolean;
  /** Years without a list that somebody has asked about so far, ascending; the caller warns once for each. */
  readonly unknownYears: () => readonly number[];
}

export function createWorkingDays({
  overrides = [],
}: { readonly overrides?: readonly DayOverride[] } = {}): WorkingDays {
  const overridden = new Map(overrides.map(({ day, working }) => [day, working]));
  // The same few hundred days are asked about again and again.
  const answers = new Map<string, boolean>();
  const years = new Map<number, boolean>();

  // Every year's list has its 1 October: where it stands as a rest day, the rest of that list stands too.
  const isListed = (year: number): boolean => {
    const nationalDay = `${year}-10-01`;
    const at = localNoon(nationalDay);
    return overridden.get(nationalDay) === false || chineseDays.getHolidaysInRange(at, at, false).length > 0;
  };
  const knowsYear = (year: number): boolean => {
    const known = years.get(year) ?? isListed(year);
    years.set(year, known);
    return known;
  };

  return {
    isWorkingDay: (day) => {
      let working = answers.get(day);
      if (working === undefined) {
        knowsYear(Number(day.slice(0, 4)));
        working = overridden.get(day) ?? chineseDays.isWorkday(localNoon(day));
        answers.set(day, working);
      }
      return working;
    },
    knowsYear,
    unknownYears: () =>
      [...years]
        .filter(([, known]) => !known)
        .map(([year]) => year)
        .sort((a, b) => a - b),
  };
}

/** chinese-days reads a date in the machine's own zone, and a bare YYYY-MM-DD as UTC: west of Greenwich it would answer for the day before. */
const localNoon = (day: string): Date => new Date(`${day}T12:00:00`);
