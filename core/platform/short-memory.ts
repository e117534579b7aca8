import { LRUCache } from 'lru-cache';

/** Looks several keys up at once; a key that is not in the answer is not there. */
export type LookUp<V> = (keys: readonly string[]) => Promise<ReadonlyMap<string, V>>;

const MOST = 10_000;

/**
 * Remembers what was found for `ms` milliseconds (0: not at all), and for `missingMs` that nothing was: for what every question
 * needs and only new settings change. A failure is not remembered.
 */
export function shortMemory<V extends object>(lookUp: LookUp<V>, ms: number, missingMs = ms): LookUp<V> {
  if (ms === 0) return lookUp;
  const kept = new LRUCache<string, { readonly value: V | null }>({ max: MOST, ttl: ms });
  return async (keys) => {
    const found = new Map<string, V>();
    const missing = keys.filter((key) => {
      const known = kept.get(key);
      if (known?.value) found.set(key, known.value);
      return !known;
    });
    if (missing.length === 0) return found;
    const looked = await lookUp(missing);
    for (const key of missing) {
      const value = looked.get(key) ?? null;
      kept.set(key, { value }, { ttl: value ? ms : missingMs });
      if (value) found.set(key, value);
    }
    return found;
  };
}
