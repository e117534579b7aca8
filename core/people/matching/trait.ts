/** What is compared of somebody named on a record, read once from what the record says. */
import type { Sex } from '../../department-record.ts';
import { birthDateOf } from '../../platform/citizen-id.ts';
import { normalisePhone } from '../normal-form.ts';
import type { Address, ReadAddress } from './address.ts';
import { compareBirthDates, readBirthDate, type BirthDate } from './birth-date.ts';
import { readCitizenNumber, type CitizenNumber } from './citizen-number.ts';
import { readName, type Name } from './name.ts';

export interface Said {
  readonly name: string;
  readonly citizenId: string | null;
  readonly birthDate: string | null;
  readonly phone: string | null;
  readonly address: string | null;
  readonly sex: Sex;
}

export interface Traits {
  readonly name: Name;
  readonly citizenId: CitizenNumber | null;
  /** The number is valid and says another birth date than the record: it may well be a parent's or a spouse's. */
  readonly isNumberDoubtful: boolean;
  /** As the record says it: what agrees with an equal number must not come out of that number. */
  readonly statedBirth: BirthDate | null;
  /** Stated, or else as a valid number has it. */
  readonly birth: BirthDate | null;
  readonly sex: Sex;
  readonly phone: string | null;
  readonly address: Address | null;
}

export function readTraits(said: Said, readAddress: ReadAddress): Traits {
  const citizenId = readCitizenNumber(said.citizenId);
  const statedBirth = readBirthDate(said.birthDate);
  const numberBirth = citizenId?.valid ? readBirthDate(birthDateOf(citizenId.text)) : null;
  return {
    name: readName(said.name),
    citizenId,
    isNumberDoubtful: compareBirthDates(statedBirth, numberBirth) === 'DIFFERENT',
    statedBirth,
    birth: statedBirth ?? numberBirth,
    sex: said.sex,
    phone: normalisePhone(said.phone),
    address: readAddress(said.address),
  };
}
