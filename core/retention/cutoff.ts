/** Which moment a rule of retention reaches back to. Pure. */
import { addMonths, dayNumber, endOfDay } from '../calendar/legal-day.ts';
import type { RuleInForce } from '../calendar/load-rules.ts';
import { AppError } from '../platform/errors.ts';

const HOUR_MS = 60 * 60 * 1_000;
const DAY_MS = 24 * HOUR_MS;

type Length = Pick<RuleInForce, 'id' | 'amount' | 'unit'>;

/** What began before this has had its time. Months go from one legal day to the same day of another month (民法典 202). */
export function cutoffOf({ id, amount, unit }: Length, now: Date): Date {
  if (unit === 'HOURS') return new Date(now.getTime() - amount * HOUR_MS);
  if (unit === 'DAYS') return new Date(now.getTime() - amount * DAY_MS);
  // The day on which it began does not count (民法典 201): it is kept to the end of the day on which the months are over.
  if (unit === 'MONTHS') return endOfDay(addMonths(dayNumber(now), -amount) - 1);
  throw new AppError('BAD_USER_INPUT', `${id}: how long records are kept is said in HOURS, DAYS or MONTHS.`);
}

/** The first moment at which what began then has had its time. */
export function keptUntil({ id, amount, unit }: Length, began: Date): Date {
  if (unit === 'HOURS') return new Date(began.getTime() + amount * HOUR_MS);
  if (unit === 'DAYS') return new Date(began.getTime() + amount * DAY_MS);
  if (unit === 'MONTHS') return endOfDay(addMonths(dayNumber(began), amount));
  throw new AppError('BAD_USER_INPUT', `${id}: how long records are kept is said in HOURS, DAYS or MONTHS.`);
}
