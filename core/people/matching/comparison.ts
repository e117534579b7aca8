/** How two people named on records agree, field by field. Symmetric; holds no values. */
import { compareAddresses, type AddressAgreement } from './address.ts';
import { compareBirthDates, type BirthAgreement } from './birth-date.ts';
import { compareCitizenNumbers, type CitizenIdAgreement } from './citizen-number.ts';
import { compareNames, type NameAgreement } from './name.ts';
import type { Traits } from './trait.ts';

/**
 * AT_HOME: the same telephone where the address is the same too. A household shares both: the second says little once the first is
 * known.
 */
export type PhoneAgreement = 'EQUAL' | 'AT_HOME' | 'DIFFERENT' | 'MISSING';

export interface Comparison {
  readonly citizenId: CitizenIdAgreement;
  readonly name: NameAgreement;
  readonly birthDate: BirthAgreement;
  readonly sex: 'EQUAL' | 'DIFFERENT' | 'MISSING';
  readonly phone: PhoneAgreement;
  readonly address: AddressAgreement;
}

export type Field = keyof Comparison;
export const FIELDS: readonly Field[] = ['citizenId', 'name', 'birthDate', 'sex', 'phone', 'address'];

export function compareTraits(a: Traits, b: Traits): Comparison {
  const citizenId = compareCitizenNumbers(a.citizenId, b.citizenId);
  const address = compareAddresses(a.address, b.address);
  const isStated = citizenId === 'EQUAL';
  return {
    citizenId,
    name: compareNames(a.name, b.name),
    birthDate: isStated ? compareBirthDates(a.statedBirth, b.statedBirth) : compareBirthDates(a.birth, b.birth),
    sex: a.sex === 'UNKNOWN' || b.sex === 'UNKNOWN' ? 'MISSING' : a.sex === b.sex ? 'EQUAL' : 'DIFFERENT',
    phone: comparePhones(a.phone, b.phone, address),
    address,
  };
}

function comparePhones(a: string | null, b: string | null, address: AddressAgreement): PhoneAgreement {
  if (a === null || b === null) return 'MISSING';
  if (a !== b) return 'DIFFERENT';
  return address === 'HOME' ? 'AT_HOME' : 'EQUAL';
}
