/** Where in what was fetched a plan's path leads. */
import type { OnlyOf, Step } from '../plan/flatten-plan.ts';
import { isRecord, isRecordSource, type Fetched, type FetchedObject } from './fetched.ts';
import { getOwn, ownFieldSource } from './own-field.ts';

export type Path = readonly (string | number)[];

/** Every object there, in the order of the lists; one that stands in two places comes twice. */
export type ObjectsIn = (data: FetchedObject) => FetchedObject[];

/** Written as source, so that V8 knows at each step which field of which objects is read. */
export function compilePath(path: readonly Step[]): ObjectsIn {
  const source = `"use strict"; return (data) => { const found = []; ${writeSteps(path, 0, 'data')} return found; };`;
  // Nothing but names of GraphQL goes into it, quoted.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const compile = new Function('path', 'membersOf', 'gather', source) as (...given: unknown[]) => ObjectsIn;
  return compile(path, membersOf, gather);
}

function writeSteps(path: readonly Step[], depth: number, value: string): string {
  const step = path[depth];
  if (step === undefined) return `if (${isRecordSource(value)}) found.push(${value}); else gather(${value}, found);`;
  const next = `value${depth}`;
  const rest = writeSteps(path, depth + 1, next);
  if (step === '@') return `if (Array.isArray(${value})) for (const ${next} of ${value}) { ${rest} }`;
  if (typeof step !== 'string') return `for (const ${next} of membersOf(${value}, path[${depth}])) { ${rest} }`;
  return `if (${isRecordSource(value)}) { const ${next} = ${ownFieldSource(value, step)}; ${rest} }`;
}

/** One that does not say what it is may be anything. */
const fits = ({ __typename: typename }: FetchedObject, { types }: OnlyOf): boolean =>
  typeof typename !== 'string' || types.has(typename);

/** Of an object or a list the objects of these types. */
const membersOf = (value: Fetched | undefined, only: OnlyOf): FetchedObject[] => {
  const found: FetchedObject[] = [];
  gather(value, found);
  return found.filter((object) => fits(object, only));
};

/** A list at the end of a path that does not name its elements. */
function gather(value: Fetched | undefined, found: FetchedObject[]): void {
  if (isRecord(value)) found.push(value);
  else if (Array.isArray(value)) for (const element of value) gather(element, found);
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
