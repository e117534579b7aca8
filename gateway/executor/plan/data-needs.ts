/**
 * Which fetches a fetch really waits for. The planner's tree says more than that: in a Sequence the last waits for all before
 * it, also for a slow one whose data it never reads. Here it waits for whoever writes what its representations are made of.
 */
import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import { Kind } from 'graphql';
import type { DocumentNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql';
import { operationOf, responseName } from './document.ts';

/** What of a fetch is looked at: structure only. */
export interface Needing {
  readonly document: DocumentNode;
  readonly path: readonly string[];
  /** Null where it is asked at the root. */
  readonly requires: readonly QueryPlanSelectionNode[] | null;
  /** Response names that are changed when the answer comes, to what they are then. */
  readonly renamed: ReadonlyMap<string, string>;
}

/** A place among what is fetched: response names with dots between, lists left out. */
type Place = string;

const placeOf = (path: readonly string[]): Place => path.filter((step) => step !== '@').join('.');
const below = (place: Place, name: string): Place => (place === '' ? name : `${place}.${name}`);

function writtenBy({ document, path, requires, renamed }: Needing): ReadonlySet<Place> {
  const places = new Set<Place>();
  const fragments = new Map(
    document.definitions
      .filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  function walk(set: SelectionSetNode | undefined, place: Place): void {
    for (const node of set?.selections ?? []) {
      if (node.kind === Kind.FRAGMENT_SPREAD) walk(fragments.get(node.name.value)?.selectionSet, place);
      else if (node.kind === Kind.INLINE_FRAGMENT) walk(node.selectionSet, place);
      else {
        const name = responseName(node);
        for (const one of [name, renamed.get(name)]) {
          if (one === undefined) continue;
          places.add(below(place, one));
          walk(node.selectionSet, below(place, one));
        }
      }
    }
  }
  const { selectionSet } = operationOf(document);
  const [entities] = selectionSet.selections;
  walk(requires !== null && entities?.kind === Kind.FIELD ? entities.selectionSet : selectionSet, placeOf(path));
  return places;
}

function readBy({ path, requires }: Needing): {
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
  fetches: readonly Needing[],
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
        const other = fetches[writer] as Needing;
        // An entity says once more what it is.
        const repeats = other.requires !== null && below(placeOf(other.path), '__typename') === place;
        if (hasInterfaceObjects || !repeats) needed.add(writer);
      }
    }
    return needed.size === 0 ? earlier : [...needed].sort((a, b) => a - b);
  });
}
