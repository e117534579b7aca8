/**
 * When a period ends. Pure: the calendar and the time are handed in.
 *
 * The day on which a period starts is not counted (民法典 201), so a period in days ends at 24:00 Shanghai of its last day.
 * Hours run from the very minute. The law leaves out the hour begun too (民诉法 85); counting from the minute is never later.
 *
 * An open pause is taken as if it ended `now`. As long as it is open the due date therefore moves ahead of `now`, and the
 * clock cannot become overdue; whoever resumes it computes once more and stores what comes out.
 */
import { addMonths, dayName, dayNumber, endOfDay } from './legal-day.ts';
import { dayTester, runFor, runningTime, standingStill } from './standing-still.ts';
import type { Pause, Stretch } from './standing-still.ts';
import type { WorkingDays } from './working-day.ts';

/** ClockUnit of the public API. */
export type Unit = 'HOURS' | 'DAYS' | 'WORKING_DAYS';
export type RuleUnit = Unit | 'MONTHS';

export interface Span {
  readonly startedAt: Date;
  readonly amount: number;
  readonly unit: Unit;
  /** A last day that is a rest day moves to the next working day (民法典 203). Hours never do. */
  readonly rolls: boolean;
  readonly pauses: readonly Pause[];
}

export interface Extension extends Omit<Span, 'startedAt'> {
  /** The present due date, from which the extension runs. */
  readonly dueAt: Date;
}

type Calendar = Pick<WorkingDays, 'isWorkingDay'>;

const HOUR_MS = 60 * 60 * 1_000;

/** The first instant that is too late. */
export function dueAt(span: Span, workingDays: Calendar, now: Date): Date {
  const still = standingStill(span.pauses, now);
  if (span.unit === 'HOURS') return runFor(span.amount * HOUR_MS, span.startedAt, still);
  return endOfDay(lastDay(span, still, workingDays));
}

function lastDay({ startedAt, amount, unit, rolls }: Span, still: readonly Stretch[], workingDays: Calendar): number {
  const isStill = dayTester(still);
  const isWorking = (day: number): boolean => workingDays.isWorkingDay(dayName(day));
  const counts = (day: number): boolean => !isStill(day) && (unit === 'DAYS' || isWorking(day));

  let day = dayNumber(startedAt);
  for (let left = amount; left > 0;) if (counts(++day)) left--;

  const endsOnWorkingDay = rolls || unit === 'WORKING_DAYS';
  while (endsWhileStill(day, still) || (endsOnWorkingDay && !isWorking(day))) day++;
  return day;
}

/** A clock stopped on its last day has counted that day but has not run out: it ends on the day on which it goes on. */
function endsWhileStill(day: number, still: readonly Stretch[]): boolean {
  if (still.length === 0) return false;
  const end = endOfDay(day).getTime();
  return still.some(({ from, until }) => from < end && end <= until);
}

/** Two thirds of the way from start to due, counted in the time in which the clock runs. */
export const yellowAt = (span: Span, workingDays: Calendar, now: Date): Date =>
  yellowBetween(span.startedAt, dueAt(span, workingDays, now), span.pauses, now);

/** The same where the due date is already known, as after an extension. */
export function yellowBetween(startedAt: Date, due: Date, pauses: readonly Pause[], now: Date): Date {
  const still = standingStill(pauses, now);
  return runFor(Math.floor((runningTime(startedAt, due, still) * 2) / 3), startedAt, still);
}

/** The new due date. An extension in days begins with the day after the present last day, rolled where it has rolled. */
export function extendedDue({ dueAt: due, ...extension }: Extension, workingDays: Calendar, now: Date): Date {
  const startedAt = extension.unit === 'HOURS' ? due : lastInstantBefore(due);
  return dueAt({ ...extension, startedAt }, workingDays, now);
}

/**
 * What a limit is for a clock that starts now. The public API knows no months, so 2 months become the number of days from
 * the start to the same day of the month, or its last (民法典 202): 61 from 1 September, 59 from 31 December. The clock keeps
 * those days; the months stay readable in its rule. For an extension give the last instant before the due date.
 */
export function clockAmount(
  { amount, unit }: { readonly amount: number; readonly unit: RuleUnit },
  startedAt: Date,
): { readonly amount: number; readonly unit: Unit } {
  if (unit !== 'MONTHS') return { amount, unit };
  const start = dayNumber(startedAt);
  return { amount: addMonths(start, amount) - start, unit: 'DAYS' };
}

/** On the last day of a period in days, whose due date is the first instant of the next. */
export const lastInstantBefore = (due: Date): Date => new Date(due.getTime() - 1);
