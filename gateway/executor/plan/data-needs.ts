/**
 * Which fetches a fetch really waits for. The planner's tree says more than that: in a Sequence the last waits for all before
 * it, also for a slow one whose data it never reads. Here it waits for whoever writes what its representations are made of.
 */
import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import { below, fieldsWritten, placeOf, type Place, type Writing } from './fields-written.ts';

const writtenBy = (fetch: Writing): ReadonlySet<Place> => new Set(fieldsWritten(fetch).map(({ place }) => place));

function readBy({ path, requires }: Writing): {
  readonly values: ReadonlySet<Place>;
  readonly types: ReadonlySet<Place>;
} {
  const values = new Set<Place>();
  const types = new Set<Place>();
  function walk(selections: readonly QueryPlanSelectionNode[], place: Place): void {
    for (const node of selections) {
      if (node.kind === 'InlineFragment') {
        types.add(below(place, '__typename'));
        walk(node.selections, place);
      } else {
        const here = below(place, node.alias ?? node.name);
        if (node.selections?.length) walk(node.selections, here);
        else if (node.name === '__typename') types.add(here);
        else values.add(here);
      }
    }
  }
  path.forEach((step, depth) => {
    if (typeof step !== 'string') types.add(below(placeOf(path.slice(0, depth)), '__typename'));
  });
  walk(requires ?? [], placeOf(path));
  return { values, types };
}

export interface NeedsOptions {
  /** Only then may a `__typename` that is there be another after a later fetch. */
  readonly hasInterfaceObjects: boolean;
}

/**
 * For each fetch those of `before` (by index) that it needs. Where it cannot be told who writes what is read, all of them.
 */
export function needsOf(
  fetches: readonly Writing[],
  before: (index: number) => readonly number[],
  { hasInterfaceObjects }: NeedsOptions,
): readonly (readonly number[])[] {
  const written = fetches.map(writtenBy);
  return fetches.map((fetch, index) => {
    const earlier = before(index);
    if (earlier.length === 0) return [];
    const writersOf = (place: Place): readonly number[] => earlier.filter((other) => written[other]?.has(place));
    const here = placeOf(fetch.path);
    if (fetch.requires === null) {
      const writers = here === '' ? [] : writersOf(here);
      return writers.length === 0 ? earlier : writers;
    }
    const { values, types } = readBy(fetch);
    const needed = new Set<number>();
    for (const place of values) {
      const writers = writersOf(place);
      if (writers.length === 0) return earlier;
      for (const writer of writers) needed.add(writer);
    }
    for (const place of types) {
      for (const writer of writersOf(place)) {
        const other = fetches[writer] as Writing;
        // An entity says once more what it is.
        const repeats = other.requires !== null && below(placeOf(other.path), '__typename') === place;
        if (hasInterfaceObjects || !repeats) needed.add(writer);
      }
    }
    return needed.size === 0 ? earlier : [...needed].sort((a, b) => a - b);
  });
}
