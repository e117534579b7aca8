import { checkCharacter } from '../../core/platform/citizen-id.ts';
import { drawGivenName, drawMinorityName, drawSurname, minorityName, surnames } from './names.ts';
import { at, scramble } from './random.ts';
import type { Random } from './random.ts';
import { STAR_OPPONENT, STAR_PERSON, STAR_SPOUSE } from './star.ts';
import { dateOfDay, dayOf, UNTIL_DAY, yearOfDay } from './time.ts';

export type TrueSex = 'MALE' | 'FEMALE';
/** The part a person plays in their household. */
export const HEAD = 0;
export const SPOUSE = 1;
export const ELDER = 2;
export const CHILD = 3;

/** Made-up areas: GB/T 2260 gives 99 to no province. The first is the county itself, the others are where people came from. */
const AREAS = ['990102', '990103', '990211', '990325', '990482'];
/** Numbers beginning with 154 are assigned to no carrier. */
const PHONE_PREFIX = '154';
const TWIN_BIRTHS = 0.008;
const MINORITY_HOUSEHOLDS = 0.02;

/**
 * All people, by number. Columns of numbers, from which names and citizen IDs are written when they are needed: a million
 * people are some 40 MB.
 */
export interface Population {
  readonly count: number;
  readonly households: number;
  household(person: number): number;
  /** First and last (excluded) person of a household. */
  members(household: number): readonly [number, number];
  part(person: number): number;
  birthDay(person: number): number;
  sex(person: number): TrueSex;
  name(person: number): string;
  citizenId(person: number): string;
  phone(person: number): string;
  twin(person: number): number | null;
  spouse(person: number): number | null;
  /** Whose number is found on a child's form. */
  parent(person: number): number | null;
  /** Completed years on a day. */
  ageOn(person: number, day: number): number;
  hasDot(person: number): boolean;
}

export function createPopulation(random: Random, count: number): Population {
  const birth = new Int32Array(count);
  const male = new Uint8Array(count);
  const parts = new Uint8Array(count);
  const homes = new Int32Array(count);
  const surname = new Uint8Array(count);
  const given = new Uint16Array(count * 2);
  const minority = new Uint16Array(count);
  const sequence = new Uint16Array(count);
  const area = new Uint8Array(count);
  const twins = new Int8Array(count);
  const starts: number[] = [];
  /** How many were born on a day with each sex, for the three-digit sequence. */
  const born = new Uint16Array((UNTIL_DAY + 1) * 2);
  let filled = 0;

  const add = (
    part: number,
    sex: TrueSex,
    day: number,
    family: number,
    isMinority: boolean,
    sibling?: string,
  ): number => {
    const person = filled;
    filled += 1;
    birth[person] = day;
    male[person] = sex === 'MALE' ? 1 : 0;
    parts[person] = part;
    homes[person] = starts.length - 1;
    surname[person] = family;
    if (isMinority) minority[person] = drawMinorityName(random, sex);
    const name = drawGivenName(random, sex, yearOfDay(day), sibling);
    given[person * 2] = name.charCodeAt(0);
    given[person * 2 + 1] = name.length > 1 ? name.charCodeAt(1) : 0;
    area[person] = random.chance(0.85) ? 0 : 1 + random.int(AREAS.length - 1);
    sequence[person] = nextSequence(day, sex);
    return person;
  };
  /** Odd for men; 331 has no divisor in common with 500, so 500 people of a sex and a day get 500 numbers. */
  const nextSequence = (day: number, sex: TrueSex): number => {
    const slot = day * 2 + (sex === 'MALE' ? 1 : 0);
    const used = at(born, slot);
    born[slot] = used + 1;
    const number = (((used * 331 + day * 7) % 500) * 2 + (sex === 'MALE' ? 1 : 0)) % 1000;
    return stars.some((star) => star.day === day && star.sequence === number) ? nextSequence(day, sex) : number;
  };

  const stars = [STAR_SPOUSE, STAR_PERSON, STAR_OPPONENT].map((star) => ({
    day: dayOf(...(star.birthDate.split('-').map(Number) as [number, number, number])),
    sequence: Number(star.citizenId.slice(14, 17)),
    name: star.name,
  }));
  /** The star and her husband are the first household, the neighbour the second. */
  const addStars = (): void => {
    stars.forEach((star, index) => {
      if (index !== 1) starts.push(filled);
      const person = add(index === 1 ? SPOUSE : HEAD, index === 1 ? 'FEMALE' : 'MALE', star.day, 0, false);
      surname[person] = surnames.indexOf(at(star.name, 0));
      given[person * 2] = star.name.charCodeAt(1);
      given[person * 2 + 1] = star.name.charCodeAt(2);
      sequence[person] = star.sequence;
      area[person] = 0;
    });
  };

  const dayAtAge = (age: number): number => UNTIL_DAY - 1 - Math.floor(age * 365.2425) - random.int(365);
  const addHousehold = (room: number): void => {
    starts.push(filled);
    const shape = room < 10 ? 0 : random.next();
    const family = drawSurname(random);
    const isMinority = random.chance(MINORITY_HOUSEHOLDS);
    const alone = shape < 0.16;
    const lone = shape >= 0.16 && shape < 0.21;
    const couple = !alone && !lone;
    const children = shape >= 0.46 || lone ? (random.chance(0.56) ? 1 : random.chance(0.86) ? 2 : 3) : 0;
    const elders = shape >= 0.84 ? (random.chance(0.6) ? 2 : 1) : 0;
    const headAge = children === 0 ? random.between(23, 86) : random.between(28, 54);
    const headSex: TrueSex = couple
      ? random.chance(0.85)
        ? 'MALE'
        : 'FEMALE'
      : random.chance(0.5)
        ? 'MALE'
        : 'FEMALE';
    const headDay = dayAtAge(headAge);
    add(HEAD, headSex, headDay, family, isMinority);
    if (couple) {
      const spouseDay = Math.min(headDay + random.between(-1500, 1500), dayAtAge(21));
      add(SPOUSE, headSex === 'MALE' ? 'FEMALE' : 'MALE', spouseDay, drawSurname(random), isMinority);
    }
    for (let elder = 0; elder < elders; elder += 1)
      add(
        ELDER,
        elder === 0 ? 'FEMALE' : 'MALE',
        headDay - random.between(8200, 11_500),
        elder === 0 ? drawSurname(random) : family,
        isMinority,
      );
    addChildren(children, headAge, family, isMinority);
  };
  const addChildren = (children: number, headAge: number, family: number, isMinority: boolean): void => {
    let sibling: string | undefined;
    for (let child = 0; child < children; child += 1) {
      const day = dayAtAge(Math.max(0, headAge - random.between(23, 36)));
      const first = add(CHILD, random.chance(0.525) ? 'MALE' : 'FEMALE', day, family, isMinority, sibling);
      if (random.chance(0.35)) sibling = String.fromCharCode(at(given, first * 2));
      if (!random.chance(TWIN_BIRTHS)) continue;
      const character = String.fromCharCode(at(given, first * 2));
      const second = add(
        CHILD,
        random.chance(0.8) ? sexOfPerson(first) : random.chance(0.5) ? 'MALE' : 'FEMALE',
        day,
        family,
        isMinority,
        character,
      );
      area[second] = at(area, first);
      twins[first] = 1;
      twins[second] = -1;
    }
  };

  const sexOfPerson = (person: number): TrueSex => (at(male, person) === 1 ? 'MALE' : 'FEMALE');
  if (count >= 500) addStars();
  while (filled < count) addHousehold(count - filled);
  starts.push(count);

  const members = (household: number): readonly [number, number] => [at(starts, household), at(starts, household + 1)];
  const inHousehold = (person: number, part: number): number | null => {
    const [from, to] = members(at(homes, person));
    for (let other = from; other < to; other += 1) if (other !== person && at(parts, other) === part) return other;
    return null;
  };
  const ageOn = (person: number, day: number): number => {
    const [bornOn, today] = [dateOfDay(at(birth, person)), dateOfDay(day)];
    return yearOfDay(day) - yearOfDay(at(birth, person)) - (today.slice(5) < bornOn.slice(5) ? 1 : 0);
  };
  return {
    count,
    households: starts.length - 1,
    members,
    ageOn,
    household: (person) => at(homes, person),
    part: (person) => at(parts, person),
    birthDay: (person) => at(birth, person),
    sex: sexOfPerson,
    hasDot: (person) => at(minority, person) > 0,
    name: (person) => {
      if (at(minority, person) > 0) return minorityName(at(minority, person), sexOfPerson(person));
      const second = at(given, person * 2 + 1);
      return `${at(surnames, at(surname, person))}${String.fromCharCode(at(given, person * 2))}${second === 0 ? '' : String.fromCharCode(second)}`;
    },
    citizenId: (person) => {
      const day = dateOfDay(at(birth, person)).replaceAll('-', '');
      const first17 = `${at(AREAS, at(area, person))}${day}${String(at(sequence, person)).padStart(3, '0')}`;
      return `${first17}${checkCharacter(first17)}`;
    },
    phone: (person) =>
      phoneNumber(
        at(parts, person) === CHILD && UNTIL_DAY - at(birth, person) < 12 * 365
          ? at(starts, at(homes, person))
          : person,
      ),
    twin: (person) => (at(twins, person) === 0 ? null : person + at(twins, person)),
    spouse: (person) => {
      const part = at(parts, person);
      return part === HEAD
        ? inHousehold(person, SPOUSE)
        : part === SPOUSE
          ? inHousehold(person, HEAD)
          : part === ELDER
            ? inHousehold(person, ELDER)
            : null;
    },
    parent: (person) =>
      at(parts, person) === CHILD
        ? at(starts, at(homes, person)) + (inHousehold(person, SPOUSE) === null ? 0 : person % 2)
        : null,
  };
}

/** The number that goes with `owner`, always the same one; the 100 million numbers are shared by chance a little, as in life. */
export const phoneNumber = (owner: number): string =>
  `${PHONE_PREFIX}${String(scramble(owner + 0x51ed) % 100_000_000).padStart(8, '0')}`;
