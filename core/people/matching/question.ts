/** What a human may be shown of two persons when asked whether they are one. */
import { isWorthALook, weighPair, type Evidence, type Matchable } from './resolve.ts';
import type { Weights } from './weight.ts';

/** Of somebody with more records than that, not all are tried. */
const MOST_MEMBERS = 60;
const MOST_WAYS = 24;

/**
 * All pairs of the two that are worth a look, heaviest first: a reviewer is asked about the best of those of which they may see both sides,
 * and a record that is kept from them takes no question away.
 */
export function waysToAsk(
  x: readonly Matchable[],
  y: readonly Matchable[],
  best: Evidence,
  weights: Weights,
): Evidence[] {
  const some = (part: readonly Matchable[]): readonly Matchable[] =>
    [...part].sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, MOST_MEMBERS);
  const isBest = ({ a, b }: Evidence): boolean => a === best.a && b === best.b;
  const others = some(x)
    .flatMap((one) => some(y).map((other) => weighPair(one, other, weights)))
    .filter((way) => isWorthALook(way, weights) && !isBest(way));
  const heaviest = (one: Evidence, other: Evidence): number =>
    other.score - one.score || (one.a + one.b < other.a + other.b ? -1 : 1);
  return [best, ...others.sort(heaviest).slice(0, MOST_WAYS - 1)];
}
