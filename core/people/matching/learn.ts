/**
 * How much agreements weigh in this county, learned from its records without anybody telling who is who: how often fields agree by
 * chance is counted on pairs drawn by lot; how often they agree of one person is estimated by expectation maximisation on pairs that
 * share a number, or a name and a birth date, of which most are one person and some are not.
 */
import { compareTraits, FIELDS, type Comparison, type Field } from './comparison.ts';
import type { Traits } from './trait.ts';
import type { NameFrequencies, Weights } from './weight.ts';

export type Pair = readonly [Traits, Traits];

export interface Sample {
  /** Some thousands of people named on records, for how common names are. */
  readonly people: readonly Traits[];
  /** Any two, by lot. */
  readonly byLot: readonly Pair[];
  /** With an equal valid number. */
  readonly sameNumber: readonly Pair[];
  /** With an equal name and birth date. */
  readonly sameNameAndBirth: readonly Pair[];
  /** At the same door. */
  readonly sameHome: readonly Pair[];
}

const LEVELS: { readonly [F in Field]: readonly Comparison[F][] } = {
  citizenId: ['EQUAL', 'NEAR', 'UNCLEAR', 'DIFFERENT'],
  name: ['EQUAL', 'SOUND', 'LOOK', 'ALIAS', 'PART', 'SURNAME', 'DIFFERENT'],
  birthDate: ['EQUAL', 'SWAPPED', 'LUNAR', 'YEAR', 'NEAR', 'DIFFERENT'],
  sex: ['EQUAL', 'DIFFERENT'],
  phone: ['EQUAL', 'AT_HOME', 'DIFFERENT'],
  address: ['HOME', 'COMPOUND', 'DIFFERENT'],
};

/** Nothing is ever quite excluded: what was not seen in a sample may still be a slip. */
const LEAST_OF_ONE = 0.001;
const LEAST_BY_CHANCE = 1e-6;
const ROUNDS = 50;

type Shares = Record<string, number>;
type Table = Record<Field, Shares>;

interface Pattern {
  readonly comparison: Comparison;
  count: number;
}

function patternsOf(pairs: readonly Pair[]): Pattern[] {
  const patterns = new Map<string, Pattern>();
  for (const [a, b] of pairs) {
    const comparison = compareTraits(a, b);
    const key = FIELDS.map((field) => comparison[field]).join();
    const pattern = patterns.get(key);
    if (pattern) pattern.count += 1;
    else patterns.set(key, { comparison, count: 1 });
  }
  return [...patterns.values()];
}

/** Shares of a field's levels among pairs that have it, each pair with a weight. */
function shares(
  field: Field,
  patterns: readonly Pattern[],
  weight: (pattern: Pattern) => number,
  least: number,
): Shares {
  const levels = LEVELS[field] as readonly string[];
  const counts = new Map(levels.map((level) => [level, 0]));
  for (const pattern of patterns) {
    const level: string = pattern.comparison[field];
    if (level !== 'MISSING') counts.set(level, (counts.get(level) ?? 0) + pattern.count * weight(pattern));
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return Object.fromEntries(
    levels.map((level) => [level, Math.max(total === 0 ? 1 / levels.length : (counts.get(level) ?? 0) / total, least)]),
  );
}

const likelihood = (comparison: Comparison, fields: readonly Field[], table: Table): number =>
  fields.reduce((product, field) => {
    const level: string = comparison[field];
    return level === 'MISSING' ? product : product * (table[field][level] ?? LEAST_BY_CHANCE);
  }, 1);

/** The shares of `fields` among pairs of one person, once they have settled. */
function maximise(patterns: readonly Pattern[], fields: readonly Field[], chance: Table): Table {
  let part = 0.9;
  // Begun from what most of them are, with those that agree nowhere set aside.
  let certainty = new Map(
    patterns.map((pattern) => [
      pattern,
      fields.some((field) => ['EQUAL', 'AT_HOME', 'HOME'].includes(pattern.comparison[field])) ? 0.95 : 0.05,
    ]),
  );
  const isOne = (pattern: Pattern): number => certainty.get(pattern) ?? 0;
  const estimate = (): Table =>
    Object.fromEntries(fields.map((field) => [field, shares(field, patterns, isOne, LEAST_OF_ONE)])) as Table;
  let ofOne = estimate();
  for (let round = 0; round < ROUNDS; round++) {
    certainty = new Map(
      patterns.map((pattern) => {
        const one = part * likelihood(pattern.comparison, fields, ofOne);
        const two = (1 - part) * likelihood(pattern.comparison, fields, chance);
        return [pattern, one + two === 0 ? 0 : one / (one + two)];
      }),
    );
    const total = patterns.reduce((sum, { count }) => sum + count, 0);
    part = Math.min(
      0.9999,
      Math.max(0.0001, patterns.reduce((sum, pattern) => sum + pattern.count * isOne(pattern), 0) / Math.max(1, total)),
    );
    ofOne = estimate();
  }
  return ofOne;
}

const isPlainlyOne = ({ comparison }: Pattern): boolean =>
  comparison.citizenId === 'EQUAL' || (comparison.name === 'EQUAL' && comparison.birthDate === 'EQUAL');

/** By chance nobody has another's number: this is how often a clerk writes a parent's. */
const NUMBER_BY_CHANCE = 1e-6;
const OFTEN_ENOUGH = 20;

export function countNames(people: readonly Traits[]): NameFrequencies {
  const [surnames, givenNames, characters] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ];
  const add = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
  let letters = 0;
  for (const { name } of people) {
    const [surname, ...given] = name.characters;
    if (surname === undefined) continue;
    add(surnames, surname);
    add(givenNames, given.join(''));
    for (const character of given) add(characters, character);
    letters += given.length;
  }
  // A name that few have would tell that they are here; it is as rare as the rarest anyway.
  const often = (counts: ReadonlyMap<string, number>, total: number): Record<string, number> =>
    Object.fromEntries(
      [...counts]
        .filter(([, count]) => count >= OFTEN_ENOUGH)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, count]) => [key, round(count / total)]),
    );
  return {
    surnames: often(surnames, people.length),
    givenNames: often(givenNames, people.length),
    characters: often(characters, Math.max(1, letters)),
    rarest: round(Math.max(OFTEN_ENOUGH / Math.max(1, people.length) / 2, 1e-4)),
  };
}

const round = (value: number): number => Number(value.toPrecision(3));

/** What was hardly ever met in the sample keeps what it weighed `before`, as do the thresholds. */
export function learnWeights(sample: Sample, before: Weights): Weights {
  const { version, join, review, margin } = before;
  const byLot = patternsOf(sample.byLot).filter((pattern) => !isPlainlyOne(pattern));
  const chance = Object.fromEntries(
    FIELDS.map((field) => [field, shares(field, byLot, () => 1, LEAST_BY_CHANCE)]),
  ) as Table;
  chance.citizenId['EQUAL'] = NUMBER_BY_CHANCE;
  const others = FIELDS.filter((field) => field !== 'citizenId');
  const [sameNumber, sameName] = [patternsOf(sample.sameNumber), patternsOf(sample.sameNameAndBirth)];
  const numbered = maximise(sameNumber, others, chance);
  const named = maximise(
    sameName,
    FIELDS.filter((field) => field !== 'name' && field !== 'birthDate'),
    chance,
  );
  // Two at one door who are two: how often they share a telephone.
  const homes = patternsOf(sample.sameHome);
  const atHome = shares(
    'phone',
    homes,
    (pattern) => (pattern.comparison.name === 'EQUAL' || pattern.comparison.birthDate === 'EQUAL' ? 0 : 1),
    LEAST_OF_ONE,
  );
  const ofOneAtHome = shares(
    'phone',
    homes,
    (pattern) => (pattern.comparison.name === 'EQUAL' && pattern.comparison.birthDate === 'EQUAL' ? 1 : 0),
    LEAST_OF_ONE,
  );

  const isMet = (patterns: readonly Pattern[], field: Field, ...levels: readonly string[]): boolean =>
    patterns.reduce((sum, one) => sum + (levels.includes(one.comparison[field]) ? one.count : 0), 0) >= OFTEN_ENOUGH;
  const isKnown = (field: Field, level: string): boolean =>
    isMet([...byLot, ...(field === 'citizenId' ? sameName : sameNumber)], field, level);
  const bitsOf = (field: Field, ofOne: Shares): Shares => ({
    ...Object.fromEntries(
      (LEVELS[field] as readonly string[]).map((level) => [
        level,
        isKnown(field, level)
          ? bits(ofOne[level] ?? LEAST_OF_ONE, chance[field][level] ?? LEAST_BY_CHANCE)
          : (before.bits[field] as Shares)[level],
      ]),
    ),
    MISSING: 0,
  });
  const name = bitsOf('name', numbered.name);
  const phone = bitsOf('phone', numbered.phone);
  return {
    ...{ version, join, review, margin },
    bits: {
      citizenId: bitsOf('citizenId', named.citizenId),
      name: { ...name, EQUAL: bits(numbered.name['EQUAL'] ?? LEAST_OF_ONE, 1) },
      birthDate: bitsOf('birthDate', numbered.birthDate),
      sex: bitsOf('sex', numbered.sex),
      phone: {
        ...phone,
        EQUAL: isMet(sameNumber, 'phone', 'EQUAL', 'AT_HOME')
          ? bits(
              (numbered.phone['EQUAL'] ?? 0) + (numbered.phone['AT_HOME'] ?? 0),
              (chance.phone['EQUAL'] ?? 0) + (chance.phone['AT_HOME'] ?? 0),
            )
          : before.bits.phone.EQUAL,
        AT_HOME: isMet(homes, 'phone', 'AT_HOME')
          ? bits(ofOneAtHome['AT_HOME'] ?? LEAST_OF_ONE, atHome['AT_HOME'] ?? LEAST_OF_ONE)
          : before.bits.phone.AT_HOME,
      },
      address: bitsOf('address', numbered.address),
    } as unknown as Weights['bits'],
    names: countNames(sample.people),
  };
}

const bits = (ofOne: number, byChance: number): number => Math.round(Math.log2(ofOne / byChance) * 100) / 100;
