/** Where in what was fetched a plan's path leads. */
import type { OnlyOf, Step } from '../plan/flatten-plan.ts';
import { isRecord, type Fetched, type FetchedObject } from './fetched.ts';
import { getOwn } from './own-field.ts';

export type Path = readonly (string | number)[];

/** Every object there, in the order of the lists; one that stands in two places comes twice. */
export function objectsAt(data: Fetched, path: readonly Step[]): FetchedObject[] {
  const found: FetchedObject[] = [];
  collect(data, path, 0, found);
  return found;
}

/** One that does not say what it is may be anything. */
const fits = ({ __typename: typename }: FetchedObject, { types }: OnlyOf): boolean =>
  typeof typename !== 'string' || types.has(typename);

function collect(value: Fetched | undefined, path: readonly Step[], depth: number, found: FetchedObject[]): void {
  if (value === null || value === undefined) return;
  const step = path[depth];
  if (step === undefined) {
    if (isRecord(value)) found.push(value);
    // A list at the end of a path that does not name its elements.
    else if (Array.isArray(value)) for (const element of value) collect(element, path, depth, found);
  } else if (step === '@') {
    if (Array.isArray(value)) for (const element of value) collect(element, path, depth + 1, found);
  } else if (typeof step !== 'string') {
    if (Array.isArray(value)) for (const element of value) collect(element, path, depth, found);
    else if (isRecord(value) && fits(value, step)) collect(value, path, depth + 1, found);
  } else if (isRecord(value)) collect(getOwn(value, step), path, depth + 1, found);
}

/** Where these objects stand; only for errors. */
export function placesOf(
  data: FetchedObject,
  path: readonly Step[],
  wanted: ReadonlySet<FetchedObject>,
): ReadonlyMap<FetchedObject, readonly Path[]> {
  const places = new Map<FetchedObject, Path[]>();
  function walk(value: Fetched | undefined, depth: number, at: Path): void {
    if (value === null || value === undefined) return;
    const step = path[depth];
    if (step === '@' || (typeof step !== 'string' && Array.isArray(value))) {
      if (!Array.isArray(value)) return;
      value.forEach((element, index) => walk(element, step === '@' ? depth + 1 : depth, [...at, index]));
    } else if (isRecord(value)) {
      if (typeof step === 'object') {
        if (fits(value, step)) walk(value, depth + 1, at);
      } else if (step !== undefined) walk(getOwn(value, step), depth + 1, [...at, step]);
      else if (wanted.has(value)) {
        const known = places.get(value);
        if (known) known.push(at);
        else places.set(value, [at]);
      }
    }
  }
  walk(data, 0, []);
  return places;
}
