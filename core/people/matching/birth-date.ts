/** Birth dates as they are written down: by which calendar, and in which order. */
import chineseDays from 'chinese-days';

const { getLunarDate } = chineseDays;

export interface BirthDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** The same day by the lunar calendar, read as if it were a solar date; null before 1900, which its table does not have. */
  readonly lunar: { readonly year: number; readonly month: number; readonly day: number } | null;
}

/**
 * SWAPPED: day and month the other way round. LUNAR: one is the other by the lunar calendar, give or take a day. YEAR: off by one.
 * NEAR: one of its three parts is another.
 */
export type BirthAgreement = 'EQUAL' | 'SWAPPED' | 'LUNAR' | 'YEAR' | 'NEAR' | 'DIFFERENT' | 'MISSING';

const read = new Map<string, BirthDate>();
/** Everybody alive was born on one of forty thousand days. */
const MOST = 50_000;

/** Null for what is no date. */
export function readBirthDate(date: string | null): BirthDate | null {
  const parts = date === null ? null : /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  if (date === null || parts === null) return null;
  const known = read.get(date);
  if (known) return known;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const made = { year, month, day, lunar: lunarOf(year, month, day) };
  if (read.size >= MOST) read.clear();
  read.set(date, made);
  return made;
}

function lunarOf(year: number, month: number, day: number): BirthDate['lunar'] {
  if (year < 1901 || year > 2099) return null;
  // At noon of the machine's own day: chinese-days reads a bare date as UTC, which is the day before west of Greenwich.
  const { lunarYear, lunarMon, lunarDay } = getLunarDate(new Date(year, month - 1, day, 12));
  return { year: lunarYear, month: lunarMon, day: lunarDay };
}

const isLunarOf = ({ lunar }: BirthDate, { year, month, day }: BirthDate): boolean => {
  if (lunar === null) return false;
  const days = (lunar.year - year) * 360 + (lunar.month - month) * 30 + lunar.day - day;
  return Math.abs(days) <= 1;
};

export function compareBirthDates(a: BirthDate | null, b: BirthDate | null): BirthAgreement {
  if (a === null || b === null) return 'MISSING';
  const [year, month, day] = [a.year === b.year, a.month === b.month, a.day === b.day];
  if (year && month && day) return 'EQUAL';
  if (year && a.month === b.day && a.day === b.month) return 'SWAPPED';
  if (isLunarOf(a, b) || isLunarOf(b, a)) return 'LUNAR';
  if (month && day && Math.abs(a.year - b.year) === 1) return 'YEAR';
  return Number(year) + Number(month) + Number(day) === 2 ? 'NEAR' : 'DIFFERENT';
}
