/**
 * The periods that are reported on: calendar months, quarters, half-years and years, so that of any two of them one lies in the other or
 * they have no day in common. What lies across each other could be subtracted down to a day.
 */
import { addMonths, dayName } from '../calendar/legal-day.ts';

export interface CalendarPeriod {
  /** Months since the year 0. */
  readonly firstMonth: number;
  /** 1, 3, 6 or 12. */
  readonly months: number;
}

/** Into how many shorter periods each is divided. */
const DIVIDED: Readonly<Record<number, number>> = { 12: 2, 6: 2, 3: 3 };

const startOf = (month: number): number => addMonths(0, month - 1970 * 12);

/** First and last legal day, YYYY-MM-DD. */
export const daysOf = ({ firstMonth, months }: CalendarPeriod): { readonly from: string; readonly to: string } => ({
  from: dayName(startOf(firstMonth)),
  to: dayName(startOf(firstMonth + months) - 1),
});

const monthOf = (day: string): number => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1;

/** Null when these days, YYYY-MM-DD, are not the first and the last of one. */
export function calendarPeriod(from: string, to: string): CalendarPeriod | null {
  const firstMonth = monthOf(from);
  const months = monthOf(to) - firstMonth + 1;
  if (months !== 1 && !(months in DIVIDED)) return null;
  const period = { firstMonth, months };
  const days = daysOf(period);
  return firstMonth % months === 0 && days.from === from && days.to === to ? period : null;
}

/** The one of the same length before it. */
export const periodBefore = ({ firstMonth, months }: CalendarPeriod): CalendarPeriod => ({
  firstMonth: firstMonth - months,
  months,
});

/** The next shorter ones that make it up; none of a month. */
export function partsOf({ firstMonth, months }: CalendarPeriod): CalendarPeriod[] {
  const parts = DIVIDED[months] ?? 0;
  const each = months / parts;
  return Array.from({ length: parts }, (_, index) => ({ firstMonth: firstMonth + index * each, months: each }));
}
