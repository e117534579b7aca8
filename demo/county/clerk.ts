import { addressOf, addressOtherwise } from './address.ts';
import type { DepartmentName, ParticipantRow } from './model.ts';
import { aliasOf, confuseName, traditionalName, withoutDot } from './name-variants.ts';
import type { Tree } from './organisations.ts';
import { phoneNumber } from './population.ts';
import type { Population } from './population.ts';
import { at, scramble } from './random.ts';
import type { Random } from './random.ts';
import { dateOfDay, lunarDateOf, yearOfDay } from './time.ts';

/** Shares of a department's records, fixed by the design so that joining cannot be tuned to an easy world. */
export const NOISE = {
  idMissing: { courts: 0.12, police: 0.04, petitions: 0.3, 'civil-affairs': 0.01 },
  idMistyped: 0.015,
  id15: 0.005,
  idOther: 0.004,
  nameVariant: 0.02,
  nameTraditional: 0.005,
  nameAlias: 0.01,
  nameDot: 0.5,
  birth: 0.01,
  phoneMissing: 0.25,
  phoneShared: 0.2,
  phoneChanged: 0.15,
  addressOld: 0.2,
  addressStyle: 0.6,
} as const;

export interface Written {
  readonly row: ParticipantRow;
  readonly noise: readonly string[];
}

/** Writes a person down as an office does. `clean`: without any slip, for the star. */
export type Clerk = (department: DepartmentName, person: number, ref: string, role: string, clean: boolean) => Written;

interface Slip {
  readonly name: string;
  readonly share: number;
  /** null when it cannot happen to this person (no household to share with, born too late for 15 digits). */
  readonly write: (person: number) => string | null;
}

interface Deps {
  readonly random: Random;
  readonly population: Population;
  readonly tree: Tree;
  /** How many times the shares of `NOISE`; 1 by default. */
  readonly noise?: number;
}

export function createClerk({ random, population, tree, noise: times = 1 }: Deps): Clerk {
  /** A slip that cannot happen to the person at hand happens to the next to whom it can, so that the shares come out as fixed. */
  const owed = new Map<string, number>();

  const write = (slips: readonly Slip[], person: number, right: string, noise: string[]): string | null => {
    for (const slip of slips) {
      const debt = owed.get(slip.name) ?? 0;
      const written = debt > 0 ? slip.write(person) : null;
      if (written === null) continue;
      owed.set(slip.name, debt - 1);
      noise.push(slip.name);
      return written;
    }
    let drawn = random.next();
    for (const slip of slips) {
      drawn -= slip.share;
      if (drawn >= 0) continue;
      const written = slip.write(person);
      if (written === null) {
        owed.set(slip.name, (owed.get(slip.name) ?? 0) + 1);
        break;
      }
      noise.push(slip.name);
      return written === MISSING ? null : written;
    }
    return right;
  };

  const idSlips = (department: DepartmentName): Slip[] => [
    { name: 'id-missing', share: times * NOISE.idMissing[department], write: () => MISSING },
    {
      name: 'id-mistyped',
      share: times * NOISE.idMistyped,
      write: (person) => mistype(random, population.citizenId(person)),
    },
    { name: 'id-15', share: times * NOISE.id15, write: (person) => fifteenDigits(population.citizenId(person)) },
    {
      name: 'id-other',
      share: times * NOISE.idOther,
      write: (person) => {
        const other = population.parent(person) ?? population.spouse(person);
        return other === null ? null : population.citizenId(other);
      },
    },
  ];
  const slips = {
    id: {
      courts: idSlips('courts'),
      police: idSlips('police'),
      petitions: idSlips('petitions'),
      'civil-affairs': idSlips('civil-affairs'),
    },
    name: [
      {
        name: 'name-variant',
        share: times * NOISE.nameVariant,
        write: (person) => confuseName(random, population.name(person)),
      },
      {
        name: 'name-traditional',
        share: times * NOISE.nameTraditional,
        write: (person) => traditionalName(population.name(person)),
      },
      {
        name: 'name-alias',
        share: times * NOISE.nameAlias,
        write: (person) => aliasOf(random, population.name(person), yearOfDay(population.birthDay(person))),
      },
    ] satisfies Slip[],
    birth: [
      {
        name: 'birth-swapped',
        share: (times * NOISE.birth) / 2,
        write: (person) => swapDayAndMonth(dateOfDay(population.birthDay(person))),
      },
      {
        name: 'birth-lunar',
        share: (times * NOISE.birth) / 2,
        write: (person) => lunarDateOf(population.birthDay(person)),
      },
    ] satisfies Slip[],
    phone: [
      { name: 'phone-missing', share: times * NOISE.phoneMissing, write: () => MISSING },
      { name: 'phone-shared', share: times * NOISE.phoneShared, write: (person) => phoneOfHousehold(person) },
      {
        name: 'phone-changed',
        share: times * NOISE.phoneChanged,
        write: (person) => phoneNumber(person + population.count),
      },
    ] satisfies Slip[],
  };

  const phoneOfHousehold = (person: number): string | null => {
    const [from, to] = population.members(population.household(person));
    if (to - from < 2) return null;
    const other = from + ((person - from + 1 + random.int(to - from - 1)) % (to - from));
    const phone = population.phone(other);
    return phone === population.phone(person) ? null : phone;
  };

  const writeAddress = (person: number, noise: string[]): string => {
    let home = population.household(person);
    if (random.chance(times * NOISE.addressOld)) {
      noise.push('address-old');
      home = formerHome(home, population.households);
    }
    if (!random.chance(times * NOISE.addressStyle)) return addressOf(tree, home);
    noise.push('address-style');
    return addressOtherwise(random, tree, home);
  };

  return (department, person, ref, role, clean) => {
    const noise: string[] = [];
    const truth = {
      citizenId: population.citizenId(person),
      name: population.name(person),
      birthDate: dateOfDay(population.birthDay(person)),
      phone: population.phone(person),
    };
    const sex = population.sex(person);
    if (clean)
      return { row: { ref, role, ...truth, sex, address: addressOf(tree, population.household(person)) }, noise };

    const citizenId = write(slips.id[department], person, truth.citizenId, noise);
    let name = write(slips.name, person, truth.name, noise) ?? truth.name;
    if (name.includes('·') && random.chance(times * NOISE.nameDot)) {
      noise.push('name-dot');
      name = withoutDot(random, name);
    }
    const birthDate = write(slips.birth, person, truth.birthDate, noise);
    const phone = write(slips.phone, person, truth.phone, noise);
    return { row: { ref, role, name, citizenId, birthDate, sex, phone, address: writeAddress(person, noise) }, noise };
  };
}

const MISSING = '';

/** One digit wrong, or two neighbours swapped: both fail the check. */
function mistype(random: Random, id: string): string {
  const digits = [...id];
  const swaps = digits.flatMap((digit, index) => (index < 16 && digit !== digits[index + 1] ? [index] : []));
  if (swaps.length > 0 && random.chance(0.3)) {
    const index = random.pick(swaps);
    [digits[index], digits[index + 1]] = [at(digits, index + 1), at(digits, index)];
  } else {
    const index = random.int(17);
    digits[index] = String((Number(digits[index]) + random.between(1, 9)) % 10);
  }
  return digits.join('');
}

/** As issued before 1999: without the century and the check character. */
const fifteenDigits = (id: string): string | null =>
  id.startsWith('19', 6) && id.slice(8, 10) < '99' ? id.slice(0, 6) + id.slice(8, 17) : null;

function swapDayAndMonth(date: string): string | null {
  const [year, month, day] = date.split('-');
  return Number(day) > 12 || day === month ? null : `${year}-${day}-${month}`;
}

/** Where the household lived before: always the same other home. */
const formerHome = (household: number, households: number): number =>
  (household + 1 + (scramble(household ^ 0x2f6e) % Math.max(1, households - 1))) % households;
