/** Days are counted from 1 January 1900, instants in milliseconds since 1970; local time is Asia/Shanghai (UTC+8, no summer time). */
export const DAY = 86_400_000;
export const HOUR = 3_600_000;
const SHANGHAI = 8 * HOUR;
const ORIGIN = Date.UTC(1900, 0, 1);
const DAYS_FROM_MARCH_1600 = (ORIGIN - Date.UTC(1600, 2, 1)) / DAY;

/** The county's now, a constant: the same county comes out whenever it is made. */
export const UNTIL = Date.UTC(2026, 10, 1) - SHANGHAI;
/** The departments' records begin two and a half years before. */
export const SINCE = Date.UTC(2024, 4, 1) - SHANGHAI;
export const UNTIL_DAY = (UNTIL + SHANGHAI - ORIGIN) / DAY;

export const dayOf = (year: number, month: number, day: number): number =>
  (Date.UTC(year, month - 1, day) - ORIGIN) / DAY;
export const yearOfDay = (day: number): number => partsOfDay(day)[0];

export function dateOfDay(day: number): string {
  const [year, month, date] = partsOfDay(day);
  return `${year}-${month < 10 ? '0' : ''}${month}-${date < 10 ? '0' : ''}${date}`;
}

/** By arithmetic, years counted from March: this is asked some ten times for every participant, and Date is slow at it. */
function partsOfDay(day: number): [year: number, month: number, date: number] {
  const sinceMarch1600 = day + DAYS_FROM_MARCH_1600;
  const era = Math.floor(sinceMarch1600 / 146_097);
  const inEra = sinceMarch1600 - era * 146_097;
  const leaps = Math.floor(inEra / 1460) - Math.floor(inEra / 36_524) + Math.floor(inEra / 146_096);
  const yearOfEra = Math.floor((inEra - leaps) / 365);
  const inYear = inEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const month = Math.floor((5 * inYear + 2) / 153);
  const date = inYear - Math.floor((153 * month + 2) / 5) + 1;
  return [1600 + yearOfEra + era * 400 + (month > 9 ? 1 : 0), month > 9 ? month - 9 : month + 3, date];
}
/** The local day on which an instant falls. */
export const dayAt = (instant: number): number => Math.floor((instant + SHANGHAI - ORIGIN) / DAY);
export const iso = (instant: number): string => new Date(instant).toISOString();
export const localDate = (instant: number): string => dateOfDay(dayAt(instant));
export const localYear = (instant: number): number => yearOfDay(dayAt(instant));

/** The same local day at an hour when offices are open; `part` from 0 to 1 says how late. Whole seconds. */
export const officeHours = (instant: number, part: number): number =>
  ORIGIN + dayAt(instant) * DAY - SHANGHAI + 8.5 * HOUR + Math.floor(part * 9 * 3600) * 1000;

const SYNODIC_MONTH = 29.530588853;
const A_NEW_MOON = dayOf(2000, 1, 6) + 0.76;

/**
 * The day as the lunar calendar writes it, read as if it were a solar date: how a grandmother's birthday gets into a form.
 * By the mean moon, which is within a day of the published calendar; leap months are not told apart.
 */
export function lunarDateOf(day: number): string {
  const age = (((day - A_NEW_MOON) % SYNODIC_MONTH) + SYNODIC_MONTH) % SYNODIC_MONTH;
  const lunarDay = Math.floor(age) + 1;
  const [year = 0, month = 0] = dateOfDay(day - Math.floor(age) + 14)
    .split('-')
    .map(Number);
  const lunarMonth = month === 1 ? 12 : month - 1;
  const lunarYear = month === 1 ? year - 1 : year;
  const written = lunarMonth === 2 ? Math.min(lunarDay, 28) : lunarDay;
  return `${lunarYear}-${String(lunarMonth).padStart(2, '0')}-${String(written).padStart(2, '0')}`;
}
