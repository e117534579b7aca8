/** All pairs among some mentions that are worth a look. */
import { blockingKeys, keysInRooms } from './blocking.ts';
import { isWorthALook, weighPair, type Evidence, type Matchable } from './resolve.ts';
import type { Weights } from './weight.ts';

/** Pairs that were weighed before are not weighed again. */
export interface Comparer {
  among(mentions: readonly Matchable[]): Evidence[];
}

const keysOf = ({ traits }: Matchable): string[] => {
  const keys = keysInRooms(blockingKeys(traits));
  return traits.citizenId?.valid ? [...keys, `number:${traits.citizenId.text}`] : keys;
};

export function createComparer(weights: Weights): Comparer {
  const weighed = new Map<string, Map<string, Evidence | null>>();
  const weigh = (a: Matchable, b: Matchable): Evidence | null => {
    const [x, y] = a.id < b.id ? [a, b] : [b, a];
    const of = weighed.get(x.id) ?? new Map<string, Evidence | null>();
    weighed.set(x.id, of);
    let found = of.get(y.id);
    if (found === undefined) {
      const evidence = weighPair(x, y, weights);
      found = isWorthALook(evidence, weights) ? evidence : null;
      of.set(y.id, found);
    }
    return found;
  };
  return {
    among(mentions) {
      const blocks = new Map<string, Matchable[]>();
      for (const mention of mentions)
        for (const key of keysOf(mention)) {
          const block = blocks.get(key);
          if (block) block.push(mention);
          else blocks.set(key, [mention]);
        }
      const found = new Set<Evidence>();
      for (const block of blocks.values())
        for (const [index, mention] of block.entries())
          for (let other = 0; other < index; other++) {
            const evidence = weigh(mention, block[other] as Matchable);
            if (evidence) found.add(evidence);
          }
      return [...found];
    },
  };
}
