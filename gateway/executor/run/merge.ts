/** What a fetch brought is added to what is there. */
import type { Types } from '../plan/types.ts';
import { isRecord, type Fetched, type FetchedObject } from './fetched.ts';

/** A subgraph may say anything; this is no name of a field (plan/prepare-operation.ts refuses it), and to set it changes every object. */
const PROTOTYPE = '__proto__';

/**
 * Two subgraphs may both know a field: of objects both stand for one, of lists element by element. A value is never replaced
 * by null: whoever says null had no answer, or an error that is told.
 */
export function merge(target: FetchedObject, source: FetchedObject, types: Types): void {
  for (const name in source) {
    if (name === PROTOTYPE) continue;
    const value = source[name] as Fetched;
    const there = target[name];
    // Whoever knows an interface as one object calls everything by its name.
    if (name === '__typename' && typeof there === 'string' && types.isInterface(value)) continue;
    if (there === undefined || there === null || value === null) {
      if (there === undefined || value !== null) target[name] = value;
    } else target[name] = merged(there, value, types);
  }
}

function merged(there: Fetched, value: Fetched, types: Types): Fetched {
  if (there === value) return there;
  if (isRecord(there) && isRecord(value)) {
    merge(there, value, types);
    return there;
  }
  if (Array.isArray(there) && Array.isArray(value) && there.length === value.length) {
    value.forEach((element, index) => {
      const before = there[index] as Fetched;
      there[index] = before === null ? element : element === null ? before : merged(before, element, types);
    });
    return there;
  }
  // Two that do not agree, even on how many there are: what was there first stays, for others may be asked of it already.
  return isRecord(there) || Array.isArray(there) ? there : value;
}

/** An object of its own, for a place whose fields may be others. */
export function copyOf(value: Fetched): Fetched {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isRecord(value)) return value;
  const copy: FetchedObject = {};
  for (const name in value) if (name !== PROTOTYPE) copy[name] = copyOf(value[name] as Fetched);
  return copy;
}
