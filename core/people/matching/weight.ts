/** What agreements weigh (Fellegi and Sunter): in bits, the logarithm of how much likelier they are of one person than of two. */
import type { Comparison, Field } from './comparison.ts';
import type { Name } from './name.ts';

/** Shares of the people; what is not listed is rarer than `rarest`. */
export interface NameFrequencies {
  readonly surnames: Readonly<Record<string, number>>;
  /** Whole given names that are common enough to have a share of their own. */
  readonly givenNames: Readonly<Record<string, number>>;
  /** Of characters in given names, for those that have none. */
  readonly characters: Readonly<Record<string, number>>;
  readonly rarest: number;
}

export interface Weights {
  /** Kept with every join and review that comes of it. */
  readonly version: string;
  /** At least so many bits join, where the rules allow it. */
  readonly join: number;
  /** At least so many, and less than `join`, are asked of a human. */
  readonly review: number;
  /** Somebody who might be either of two others is asked of a human unless one is this many bits better. */
  readonly margin: number;
  /** Nothing is said by what is missing: 0. An EQUAL name weighs by its rarity besides. */
  readonly bits: { readonly [F in Field]: Readonly<Record<Comparison[F], number>> };
  readonly names: NameFrequencies;
}

/** The share of people with this name, as its parts have it: the surname, and the rest. */
export function shareOf({ characters }: Name, names: NameFrequencies): number {
  const [surname = '', ...given] = characters;
  const whole = names.givenNames[given.join('')];
  const rest = whole ?? given.reduce((share, character) => share * (names.characters[character] ?? names.rarest), 1);
  return Math.max((names.surnames[surname] ?? names.rarest) * Math.max(rest, names.rarest), names.rarest ** 2);
}

/** How a pair's fields weigh, each by itself. `name` is the name of either: it counts where they are equal. */
export function weigh(comparison: Comparison, name: Name, weights: Weights): Readonly<Record<Field, number>> {
  const { bits, names } = weights;
  const { citizenId, birthDate, sex, phone, address } = comparison;
  return {
    citizenId: bits.citizenId[citizenId],
    name: bits.name[comparison.name] - (comparison.name === 'EQUAL' ? Math.log2(shareOf(name, names)) : 0),
    birthDate: bits.birthDate[birthDate],
    sex: bits.sex[sex],
    phone: bits.phone[phone],
    address: bits.address[address],
  };
}

/** The sum, to a hundredth: it must come out the same whichever is asked first. */
export function scoreOf(comparison: Comparison, name: Name, weights: Weights): number {
  const weighed = weigh(comparison, name, weights);
  const { citizenId, birthDate, sex, phone, address } = weighed;
  return Math.round((citizenId + weighed.name + birthDate + sex + phone + address) * 100) / 100;
}
