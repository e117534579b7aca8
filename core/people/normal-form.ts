/** One way of writing for what is compared exactly. Variants, homophones and the like are not this file's business. */
import { isValidCitizenId, upgradeCitizenId } from '../platform/citizen-id.ts';

// The dot between the parts of minority and foreign names has a dozen code points, and offices leave it out as often.
export const DOTS = /[·•‧∙⋅・･᛫․。.．]/gu;

/** Compatibility forms folded, dots and white space removed, Latin letters in upper case. May be empty. */
export const normaliseName = (name: string): string =>
  name.normalize('NFKC').replace(DOTS, '').replace(/\s+/gu, '').toUpperCase();

/** Digits only, without China's country code; null when too few are left to be anybody's number. */
export function normalisePhone(phone: string | null): string | null {
  if (phone === null) return null;
  const digits = phone.normalize('NFKC').replace(/\D/gu, '');
  const national = /^86\d{11}$/.test(digits) ? digits.slice(2) : digits;
  return national.length >= 7 ? national : null;
}

/** One way of writing a number, valid or not: 15 digits upgraded where they can be. */
export function normaliseCitizenId(id: string): string {
  const text = id.normalize('NFKC').replace(/\s+/gu, '').toUpperCase();
  return upgradeCitizenId(text) ?? text;
}

/** The 18-character number when it passes its check digit (15 digits upgraded), else null: such a number joins nobody. */
export function usableCitizenId(id: string | null): string | null {
  if (id === null) return null;
  const text = normaliseCitizenId(id);
  return isValidCitizenId(text) ? text : null;
}
