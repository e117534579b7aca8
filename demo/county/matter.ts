import type { Category } from './categories.ts';
import type { ReferenceRow } from './model.ts';
import type { MicroGrid, Tree } from './organisations.ts';
import type { Population } from './population.ts';
import type { Random } from './random.ts';
import type { Desk } from './desk.ts';
import type { Numbering } from './numbering.ts';
import { dayAt } from './time.ts';

/** What one office is told when a dispute comes to it. */
export interface Matter {
  readonly category: Category;
  readonly applicants: readonly number[];
  readonly respondents: readonly number[];
  readonly microGrid: MicroGrid;
  /** In whose home or before whose door. */
  readonly household: number;
  readonly at: number;
  readonly references: readonly ReferenceRow[];
  /** Nothing that hides it: for the star. */
  readonly plain: boolean;
}

/** What the writers of all four departments' records share. */
export interface Office {
  readonly random: Random;
  readonly population: Population;
  readonly tree: Tree;
  readonly numbering: Numbering;
  readonly desk: Desk;
}

export const hasMinor = (population: Population, people: readonly number[], at: number): boolean =>
  people.some((person) => population.ageOn(person, dayAt(at)) < 18);

/** As closely as this office notes where it was. */
export function placeAsNoted(random: Random, place: MicroGrid, precise: number): string | null {
  const drawn = random.next();
  if (drawn < precise) return place.code;
  if (drawn < precise + (1 - precise) * 0.3) return place.grid;
  if (drawn < precise + (1 - precise) * 0.5) return place.compound;
  return drawn < precise + (1 - precise) * 0.9 ? place.community : null;
}
