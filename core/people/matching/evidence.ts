/** All pairs among some mentions that are worth a look. */
import { blockingKeys, keysInRooms } from './blocking.ts';
import { isWorthALook, weighPair, type Evidence, type Matchable } from './resolve.ts';
import type { Weights } from './weight.ts';

/** Pairs that were weighed before are not weighed again. */
export interface Comparer {
  /** `decided`: those of whom a human has said something; each of them is compared by itself. */
  among(mentions: readonly Matchable[], decided?: ReadonlySet<string>): Evidence[];
}

const keysOf = ({ traits }: Matchable): string[] => {
  const keys = keysInRooms(blockingKeys(traits));
  return traits.citizenId?.valid ? [...keys, `number:${traits.citizenId.text}`] : keys;
};

/** Of whom the same is said in every field is compared as one: an agent who brings a hundred people's matters is named a hundred times. */
const said = ({ traits: { name, citizenId, statedBirth, sex, phone, address } }: Matchable): string =>
  JSON.stringify([name, citizenId?.text, statedBirth, sex, phone, address]);

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
    among(mentions, decided = new Set()) {
      const found = new Set<Evidence>();
      const note = (a: Matchable, b: Matchable): void => {
        const evidence = weigh(a, b);
        if (evidence) found.add(evidence);
      };
      const blocks = new Map<string, Matchable[]>();
      for (const [first, ...others] of alike(mentions, decided)) {
        for (const other of others) note(first, other);
        for (const key of keysOf(first)) {
          const block = blocks.get(key);
          if (block) block.push(first);
          else blocks.set(key, [first]);
        }
      }
      for (const block of blocks.values())
        for (const [index, mention] of block.entries())
          for (let other = 0; other < index; other++) note(mention, block[other] as Matchable);
      return [...found];
    },
  };
}

/** The one with the smallest id first, which stands for the others: it must not depend on who came first. */
function alike(mentions: readonly Matchable[], decided: ReadonlySet<string>): [Matchable, ...Matchable[]][] {
  const groups = new Map<string, [Matchable, ...Matchable[]]>();
  for (const mention of [...mentions].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const key = decided.has(mention.id) ? mention.id : said(mention);
    const group = groups.get(key);
    if (group) group.push(mention);
    else groups.set(key, [mention]);
  }
  return [...groups.values()];
}
