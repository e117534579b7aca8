import { CHILD } from './population.ts';
import type { Population } from './population.ts';
import { at } from './random.ts';
import type { Random } from './random.ts';
import { UNTIL_DAY } from './time.ts';

/** Share of grown-ups who never come near an office. */
const QUIET = 0.6;
const MOST_TICKETS = 16;

/** Who gets into records. Most hardly, a few again and again: everybody's tickets lie in an urn, in the order of their homes. */
export interface Participation {
  anyone(): number;
  /** From a home at most `reach` homes away, not from this one. */
  near(household: number, reach: number): number;
  /** Anybody of age, quiet or not: the police are called by everybody, not by the same few. */
  passerBy(): number;
  passerByNear(household: number, reach: number): number;
}

export function createParticipation(random: Random, population: Population, apart: number): Participation {
  const urn: number[] = [];
  const first = new Int32Array(population.households + 1);
  for (let household = 0; household < population.households; household += 1) {
    first[household] = urn.length;
    if (household < apart) continue;
    const [from, to] = population.members(household);
    for (let person = from; person < to; person += 1) {
      if (!isGrown(population, person) || random.chance(QUIET)) continue;
      // Tickets fall off as 1/x: few people have many.
      const tickets = Math.min(MOST_TICKETS, Math.floor(1 / (1 - random.next())));
      for (let ticket = 0; ticket < tickets; ticket += 1) urn.push(person);
    }
  }
  first[population.households] = urn.length;

  const grownIn = (from: number, to: number): number => {
    for (;;) {
      const [first, end] = population.members(random.between(from, to));
      const person = random.between(first, end - 1);
      if (isGrown(population, person)) return person;
    }
  };
  const around = (household: number, reach: number): [number, number] => [
    Math.max(apart, household - reach),
    Math.min(population.households - 1, household + reach),
  ];
  const passerBy = (): number => grownIn(apart, population.households - 1);
  return {
    passerBy,
    anyone: () => (urn.length === 0 ? passerBy() : random.pick(urn)),
    passerByNear: (household, reach) => {
      const [from, to] = around(household, reach);
      if (from === to) return grownIn(from, to);
      // One of the homes around, the one itself left out.
      const home = random.between(from, to - 1);
      const other = home >= household ? home + 1 : home;
      return grownIn(other, other);
    },
    near: (household, reach) => {
      const [from, to] = around(household, reach);
      for (let attempt = 0; attempt < 8; attempt += 1) {
        const [low, high] = [at(first, from), at(first, to + 1)];
        if (high === low) break;
        const person = at(urn, low + random.int(high - low));
        if (population.household(person) !== household) return person;
      }
      return at(population.members(household === to ? from : household + 1), 0);
    },
  };
}

export const isGrown = (population: Population, person: number): boolean =>
  population.part(person) !== CHILD || UNTIL_DAY - population.birthDay(person) > 20.6 * 365;
