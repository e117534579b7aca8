/** Legal days (Asia/Shanghai) as whole numbers, 0 is 1970-01-01, so that they can be counted. */
import { legalDay } from '../platform/clock.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

export const dayNumber = (at: Date): number => Date.parse(legalDay(at)) / DAY_MS;

/** YYYY-MM-DD. */
export const dayName = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** 24:00 in Shanghai, which is the first instant of the next day. */
export const endOfDay = (day: number): Date => new Date(`${dayName(day + 1)}T00:00:00+08:00`);

/** The same day of a later month, or that month's last day where it has none (民法典 202). */
export function addMonths(day: number, months: number): number {
  const from = new Date(day * DAY_MS);
  const year = from.getUTCFullYear();
  const month = from.getUTCMonth() + months;
  const lastOfMonth = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(from.getUTCDate(), lastOfMonth)) / DAY_MS;
}
