/** What a fetch brought is added to what is there. */
import type { Types } from '../plan/types.ts';
import { isRecord, type Fetched, type FetchedObject } from './fetched.ts';

/** A subgraph may say anything; this is no name of a field (plan/prepare-operation.ts refuses it), and to set it changes every object. */
const PROTOTYPE = '__proto__';

/** `target` gets what `source` says. */
export type Merge = (target: FetchedObject, source: FetchedObject, types: Types) => void;

/**
 * Two subgraphs may both know a field: of objects both stand for one, of lists element by element. A value is never replaced
 * by null: whoever says null had no answer, or an error that is told.
 */
export const merge: Merge = (target, source, types) => {
  for (const name in source) if (name !== PROTOTYPE) add(target, name, source[name] as Fetched, types);
};

function add(target: FetchedObject, name: string, value: Fetched, types: Types): void {
  const there = target[name];
  // Whoever knows an interface as one object calls everything by its name.
  if (name === '__typename' && typeof there === 'string' && types.isInterface(value)) return;
  if (there === undefined || there === null || value === null) {
    if (there === undefined || value !== null) target[name] = value;
  } else target[name] = merged(there, value, types);
}

/** More take longer to compile than they save. */
const MOST_AS_SOURCE = 200;

/**
 * The same for objects of which just these fields were asked; whatever else is said of them is not taken. Written as source, so that
 * V8 knows what it adds to what: nearly always a field that is not there yet.
 */
export function compileMerge(names: ReadonlySet<string>): Merge {
  if (names.size > MOST_AS_SOURCE || names.has(PROTOTYPE)) return merge;
  const steps = [...names].map((name) => {
    const quoted = JSON.stringify(name);
    if (name in Object.prototype)
      return `if (Object.hasOwn(source, ${quoted})) add(target, ${quoted}, source[${quoted}], types);`;
    return (
      `value = source[${quoted}]; if (value !== undefined) {` +
      `if (target[${quoted}] === undefined) target[${quoted}] = value;` +
      `else add(target, ${quoted}, value, types); }`
    );
  });
  const source = `"use strict"; return (target, source, types) => { let value; ${steps.join('')} };`;
  // Nothing but names of GraphQL goes into it, quoted.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  return (new Function('add', source) as (add: unknown) => Merge)(add);
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
