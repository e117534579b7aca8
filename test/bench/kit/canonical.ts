import { createHash } from 'node:crypto';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON with sorted keys: two answers that say the same are the same text. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) =>
    isObject(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one,
  );

export const digestOf = (value: unknown): string => createHash('sha256').update(canonical(value)).digest('hex');

/** Where two answers first say something else, and what; null when nowhere. */
export function firstDifference(a: unknown, b: unknown, at = 'data'): string | null {
  if (canonical(a) === canonical(b)) return null;
  const keysOf = (value: unknown): string[] => (typeof value === 'object' && value !== null ? Object.keys(value) : []);
  const [left, right] = [a, b] as readonly Readonly<Record<string, unknown>>[];
  for (const key of new Set([...keysOf(a), ...keysOf(b)])) {
    const found = firstDifference(left?.[key], right?.[key], `${at}.${key}`);
    if (found !== null) return found;
  }
  return `${at}: ${brief(a)} and ${brief(b)}`;
}

const brief = (value: unknown): string => (value === undefined ? 'nothing' : canonical(value).slice(0, 120));
