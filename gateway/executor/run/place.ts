/** Where in what was fetched a plan's path leads. */
import { isRecord, type Fetched, type FetchedObject } from './fetched.ts';
import { ownField } from './own-field.ts';

export type Path = readonly (string | number)[];

/** Every object there, in the order of the lists; one that stands in two places comes twice. */
export function objectsAt(data: Fetched, path: readonly string[]): FetchedObject[] {
  const found: FetchedObject[] = [];
  collect(data, path, 0, found);
  return found;
}

function collect(value: Fetched | undefined, path: readonly string[], depth: number, found: FetchedObject[]): void {
  if (value === null || value === undefined) return;
  const step = path[depth];
  if (step === undefined) {
    if (isRecord(value)) found.push(value);
    // A list at the end of a path that does not name its elements.
    else if (Array.isArray(value)) for (const element of value) collect(element, path, depth, found);
  } else if (step === '@') {
    if (Array.isArray(value)) for (const element of value) collect(element, path, depth + 1, found);
  } else if (isRecord(value)) collect(ownField(step)(value), path, depth + 1, found);
}

/** Where these objects stand; only for errors. */
export function placesOf(
  data: FetchedObject,
  path: readonly string[],
  wanted: ReadonlySet<FetchedObject>,
): ReadonlyMap<FetchedObject, readonly Path[]> {
  const places = new Map<FetchedObject, Path[]>();
  function walk(value: Fetched | undefined, depth: number, at: Path): void {
    if (value === null || value === undefined) return;
    const step = path[depth];
    if (step === '@' || (step === undefined && Array.isArray(value))) {
      if (!Array.isArray(value)) return;
      value.forEach((element, index) => walk(element, step === '@' ? depth + 1 : depth, [...at, index]));
    } else if (isRecord(value)) {
      if (step !== undefined) walk(ownField(step)(value), depth + 1, [...at, step]);
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
