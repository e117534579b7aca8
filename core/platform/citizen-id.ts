/** Citizen identification numbers, GB 11643: 6 digits area, 8 birth date, 3 sequence (odd: male), 1 check character. */

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS = '10X98765432';

/** The 18th character for the first 17 digits; null when they are not 17 digits. */
export function checkCharacter(first17: string): string | null {
  if (!/^\d{17}$/.test(first17)) return null;
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * Number(first17[index]), 0);
  return CHECK_CHARACTERS[sum % 11] ?? null;
}

/** The 18-character form of a 15-digit number (issued before 1999, so the century is 19); null when it has no valid birth date. */
export function upgradeCitizenId(fifteen: string): string | null {
  if (!/^\d{15}$/.test(fifteen)) return null;
  const first17 = `${fifteen.slice(0, 6)}19${fifteen.slice(6)}`;
  return birthDateOf(first17) === null ? null : `${first17}${checkCharacter(first17)}`;
}

/**
 * True for an 18-character number with a birth date that exists and the right check character. Upgrade 15-digit ones first.
 * The area is not looked up: areas are merged and renumbered, and a number keeps the one it was issued with.
 */
export function isValidCitizenId(id: string): boolean {
  return /^\d{17}[\dX]$/.test(id) && birthDateOf(id) !== null && checkCharacter(id.slice(0, 17)) === id[17];
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** 0 for what is no month. A Date for each number is what reading in would spend most on. */
function daysOf(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0);
}

/** YYYY-MM-DD written in an 18-character number (the check character is not looked at); null when there is no such day. */
export function birthDateOf(id: string): string | null {
  const parts = /^\d{6}((?:18|19|20)\d{2})(\d{2})(\d{2})\d{3}[\dX]?$/.exec(id);
  if (parts === null) return null;
  const [, year = '', month = '', day = ''] = parts;
  const isDay = Number(day) >= 1 && Number(day) <= daysOf(Number(year), Number(month));
  return isDay ? `${year}-${month}-${day}` : null;
}

/** By the 17th digit: odd is male. UNKNOWN when it is not an 18-character number. */
export function sexOf(id: string): 'MALE' | 'FEMALE' | 'UNKNOWN' {
  if (!/^\d{17}[\dX]$/.test(id)) return 'UNKNOWN';
  return Number(id[16]) % 2 === 1 ? 'MALE' : 'FEMALE';
}
