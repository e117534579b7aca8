/**
 * The generator's only source of chance: xoshiro128**, seeded by splitmix32. Integer arithmetic and exactly rounded operations
 * only (no Math.pow, log, sin), so that every engine version draws the same county.
 */
export interface Random {
  /** 0 ≤ x < 1 */
  next(): number;
  /** 0 ≤ n < below */
  int(below: number): number;
  /** from ≤ n ≤ to */
  between(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Index into weights that are summed up (`cumulative`). */
  weighted(cumulative: readonly number[]): number;
}

export function createRandom(seed: number, stream = 0): Random {
  let mixed = (seed ^ Math.imul(stream + 1, 0x9e3779b9)) >>> 0;
  const state = Uint32Array.from({ length: 4 }, () => (mixed = scramble((mixed + 0x9e3779b9) >>> 0)));

  const next = (): number => {
    const [a = 0, b = 0, c = 0, d = 0] = state;
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const c2 = c ^ a;
    const d2 = d ^ b;
    state[1] = b ^ c2;
    state[0] = a ^ d2;
    state[2] = c2 ^ (b << 9);
    state[3] = rotate(d2, 11);
    return result / 0x100000000;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return {
    next,
    int,
    between: (from, to) => from + int(to - from + 1),
    chance: (probability) => next() < probability,
    pick: (list) => at(list, int(list.length)),
    weighted: (cumulative) => {
      const drawn = next() * at(cumulative, cumulative.length - 1);
      let low = 0;
      let high = cumulative.length - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (drawn < at(cumulative, middle)) high = middle;
        else low = middle + 1;
      }
      return low;
    },
  };
}

/** A bijection of 32-bit integers: for things that must look random and be the same whenever asked for. */
export function scramble(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x21f0aaad);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

export function cumulate(weights: readonly number[]): number[] {
  let sum = 0;
  return weights.map((weight) => (sum += weight));
}

/** An element that is known to be there. */
export function at<T>(list: ArrayLike<T>, index: number): T {
  if (index < 0 || index >= list.length) throw new RangeError(`no element ${index} of ${list.length}`);
  return list[index] as T;
}

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));
