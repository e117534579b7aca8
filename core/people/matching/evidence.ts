/** All pairs among some mentions that are worth a look. */
import { blockingKeys, keysInRooms } from './blocking.ts';
import { isWorthALook, weighPair, type Evidence, type Matchable } from './resolve.ts';
import type { Weights } from './weight.ts';

/** Pairs that were weighed before are not weighed again. */
export interface Comparer {
  among(mentions: readonly Matchable[], beside?: Beside): Evidence[];
}

export interface Beside {
  /** Compared with each of the mentions, not among themselves. */
  readonly others?: readonly Matchable[];
  /** What humans have said of whom (`decidedOf`): they are compared as one only where the same was said. */
  readonly decided?: ReadonlyMap<string, string>;
}

const NOBODY: ReadonlyMap<string, string> = new Map();

interface Compared {
  readonly mention: Matchable;
  readonly said: string;
  readonly keys: readonly string[];
}

/** Those of whom the same is said. */
interface Group {
  readonly first: Matchable;
  /** One of them is of the first of the two lists. */
  readonly isOwn: boolean;
}

const keysOf = ({ traits }: Matchable): string[] => {
  const keys = keysInRooms(blockingKeys(traits));
  return traits.citizenId?.valid ? [...keys, `number:${traits.citizenId.text}`] : keys;
};

/** Of whom the same is said in every field is compared as one: an agent who brings a hundred people's matters is named a hundred times. */
const said = ({ traits: { name, citizenId, statedBirth, sex, phone, address } }: Matchable): string =>
  JSON.stringify([
    ...[name.characters.join(''), name.firstPart, citizenId?.text, sex, phone, address?.door, address?.locality],
    ...[statedBirth?.year, statedBirth?.month, statedBirth?.day, ...(address?.places ?? [])],
  ]);

export function createComparer(weights: Weights): Comparer {
  const known = new Map<string, Compared>();
  const read = (mention: Matchable): Compared => {
    let found = known.get(mention.id);
    if (found === undefined) {
      found = { mention, said: said(mention), keys: keysOf(mention) };
      known.set(mention.id, found);
    }
    return found;
  };
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
    among(mentions, { others = [], decided = NOBODY } = {}) {
      const found = new Set<Evidence>();
      const note = (a: Matchable, b: Matchable): void => {
        const evidence = weigh(a, b);
        if (evidence) found.add(evidence);
      };
      const own = others.length === 0 ? null : new Set(mentions.map(({ id }) => id));
      const blocks = new Map<string, Group[]>();
      for (const group of alike([...mentions, ...others].map(read), decided)) {
        const [{ mention: first, keys }, ...more] = group;
        const isOwn = own === null || group.some(({ mention }) => own.has(mention.id));
        if (isOwn) for (const { mention } of more) note(first, mention);
        for (const key of keys) {
          const block = blocks.get(key);
          if (block) block.push({ first, isOwn });
          else blocks.set(key, [{ first, isOwn }]);
        }
      }
      for (const block of blocks.values())
        for (const [index, { first, isOwn }] of block.entries())
          for (let at = 0; at < index; at++) {
            const other = block[at] as Group;
            if (isOwn || other.isOwn) note(first, other.first);
          }
      return [...found];
    },
  };
}

/** The one with the smallest id first, which stands for the others: it must not depend on who came first. */
function alike(
  mentions: readonly Compared[],
  decided: ReadonlyMap<string, string>,
): (readonly [Compared, ...Compared[]])[] {
  const groups = new Map<string, [Compared, ...Compared[]]>();
  for (const one of [...mentions].sort((a, b) => (a.mention.id < b.mention.id ? -1 : 1))) {
    const key = `${one.said} ${decided.get(one.mention.id) ?? ''}`;
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return [...groups.values()];
}
