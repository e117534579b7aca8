/** What weights are learned from: pairs by lot, and pairs that share a number, a name and a birth date, or a door. */
import type { Pair, Sample } from './learn.ts';
import type { Traits } from './trait.ts';

export interface SampleSize {
  /** Pairs drawn by lot. */
  readonly byLot: number;
  /** Pairs of each other kind, at most. */
  readonly each: number;
}

/** Of a crowd so many pairs, and no more: those with thirty records must not speak for the county. */
const OF_A_BLOCK = 6;

function pairsWithin(people: readonly Traits[], keyOf: (one: Traits) => string | null, most: number): Pair[] {
  const blocks = new Map<string, Traits[]>();
  const pairs: Pair[] = [];
  for (const one of people) {
    const key = keyOf(one);
    if (key === null) continue;
    const block = blocks.get(key);
    if (block === undefined) blocks.set(key, [one]);
    else if (block.length < OF_A_BLOCK) {
      pairs.push(...block.map((other): Pair => [other, one]));
      block.push(one);
    }
    if (pairs.length >= most) break;
  }
  return pairs;
}

const nameAndBirth = ({ name, birth }: Traits): string | null =>
  name.characters.length === 0 || birth === null
    ? null
    : `${name.characters.join('')}/${birth.year}/${birth.month}/${birth.day}`;

const home = ({ address }: Traits): string | null =>
  address === null || address.door === '' || address.places.length !== 1
    ? null
    : `${address.places.join()}${address.door}`;

/** `lot`: below the number given, by chance. */
export function drawSample(
  people: readonly Traits[],
  { byLot, each }: SampleSize,
  lot: (below: number) => number,
): Sample {
  const any = (): Traits => people[lot(people.length)] as Traits;
  return {
    people,
    byLot: people.length < 2 ? [] : Array.from({ length: byLot }, (): Pair => [any(), any()]),
    sameNumber: pairsWithin(people, ({ citizenId }) => (citizenId?.valid ? citizenId.text : null), each),
    sameNameAndBirth: pairsWithin(people, nameAndBirth, each),
    sameHome: pairsWithin(people, home, each),
  };
}
