/** What no score may override (domain rule 10). */
import type { Comparison } from './comparison.ts';

const SAME_NAME: ReadonlySet<string> = new Set(['EQUAL', 'SOUND', 'LOOK', 'ALIAS']);
const SAME_BIRTH: ReadonlySet<string> = new Set(['EQUAL', 'SWAPPED', 'LUNAR', 'YEAR']);

/**
 * The exact rule: an equal valid number, and the name or the birth date as well. A spouse born on the same day, under the other's
 * number, is told apart by the sex.
 */
export const isExact = ({ citizenId, name, birthDate, sex }: Comparison): boolean =>
  citizenId === 'EQUAL' && (name === 'EQUAL' || (birthDate === 'EQUAL' && sex !== 'DIFFERENT'));

/**
 * Whether a score may join the two by itself. Never two valid numbers; never without the name, and the birth date or the number: a
 * household, a telephone and an address are shared by those who must be told apart, and twins share their birth date too.
 */
export function mayJoinByScore({ citizenId, name, birthDate, sex, phone, address }: Comparison): boolean {
  if (citizenId === 'DIFFERENT') return false;
  const [isNamed, isBorn] = [SAME_NAME.has(name), SAME_BIRTH.has(birthDate)];
  if (citizenId === 'EQUAL') return isNamed || (isBorn && sex !== 'DIFFERENT');
  // Nor a number with a slip without the name: a twin's is as near.
  if (sex === 'DIFFERENT' || !isNamed) return false;
  if (isBorn) return true;
  return (
    name === 'EQUAL' &&
    birthDate === 'MISSING' &&
    (citizenId === 'NEAR' || phone === 'AT_HOME' || (phone === 'EQUAL' && address !== 'DIFFERENT'))
  );
}
