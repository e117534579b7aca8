/** What a fetch brought is added to what is there. */
import { isRecord, type Fetched, type FetchedObject } from './fetched.ts';

/**
 * Two subgraphs may both know a field: of objects both stand for one, of lists element by element. A value is never replaced
 * by null: whoever says null had no answer, or an error that is told.
 */
export function merge(target: FetchedObject, source: FetchedObject): void {
  for (const name in source) {
    const value = source[name] as Fetched;
    const there = target[name];
    if (there === undefined || there === null || value === null) {
      if (there === undefined || value !== null) target[name] = value;
    } else target[name] = merged(there, value);
  }
}

function merged(there: Fetched, value: Fetched): Fetched {
  if (there === value) return there;
  if (isRecord(there) && isRecord(value)) {
    merge(there, value);
    return there;
  }
  if (Array.isArray(there) && Array.isArray(value) && there.length === value.length) {
    value.forEach((element, index) => {
      const before = there[index] as Fetched;
      there[index] = before === null ? element : element === null ? before : merged(before, element);
    });
    return there;
  }
  return value;
}

/** An object of its own, for a place whose fields may be others. */
export function copyOf(value: Fetched): Fetched {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isRecord(value)) return value;
  const copy: FetchedObject = {};
  for (const name in value) copy[name] = copyOf(value[name] as Fetched);
  return copy;
}
