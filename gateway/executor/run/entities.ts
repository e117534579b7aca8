/** Whom a question is about: each once, however often and wherever they stand. */
import type { PlannedFetch } from '../plan/planned-fetch.ts';
import type { Question } from '../plan/join-fetches.ts';
import type { EntityPlace } from './fault.ts';
import type { Types } from '../plan/types.ts';
import { isRecord, type Fetched, type FetchedObject } from './fetched.ts';
import { copyOf } from './merge.ts';

export interface Entities {
  readonly representations: readonly FetchedObject[];
  /** Of the representation with this index. */
  placesOf(index: number): readonly EntityPlace[] | undefined;
  /** By representation, and there by fetch. */
  readonly targets: readonly (readonly Target[])[];
}

interface Target {
  readonly fetch: PlannedFetch;
  readonly objects: FetchedObject[];
}

/** An entity of a fetch, as its subgraph is told of it. */
export interface Represented {
  readonly object: FetchedObject;
  readonly representation: FetchedObject;
  /** The same for those that are represented alike. */
  readonly key: string;
}

/** Leaves out who is of no type that is asked about, and who lacks what is required. */
export function representAll(fetch: PlannedFetch, objects: Iterable<FetchedObject>): readonly Represented[] {
  const { represent } = fetch.entities as NonNullable<PlannedFetch['entities']>;
  const { likeness } = represent;
  const represented: Represented[] = [];
  const known = new Map<string, FetchedObject | null>();
  for (const object of objects) {
    if (likeness === null) {
      const representation = represent.of(object);
      if (representation) represented.push({ object, representation, key: JSON.stringify(representation) });
      continue;
    }
    const key = likeness(object);
    let representation = known.get(key);
    if (representation === undefined) known.set(key, (representation = represent.of(object)));
    if (representation !== null) represented.push({ object, representation, key });
  }
  return represented;
}

export function collectEntities(
  { fetches }: Question,
  representedOf: (fetch: PlannedFetch) => readonly Represented[],
): Entities {
  const representations: FetchedObject[] = [];
  const targets: Target[][] = [];
  const known = new Map<string, number>();
  for (const fetch of fetches) {
    for (const { object, representation, key } of representedOf(fetch)) {
      let index = known.get(key);
      if (index === undefined) {
        known.set(key, (index = representations.length));
        representations.push(representation);
        targets.push([]);
      }
      const there = targets[index] as Target[];
      const own = there.at(-1);
      if (own?.fetch === fetch) own.objects.push(object);
      else there.push({ fetch, objects: [object] });
    }
  }
  return {
    ...{ representations, targets },
    placesOf: (index) => targets[index]?.flatMap(({ fetch, objects }) => objects.map((object) => ({ fetch, object }))),
  };
}

/**
 * What is said of an entity is added wherever it stands. In one place of the plan the parts are shared: the same will be asked
 * of them. In another other fields may be asked under the same names, so it has parts of its own. Tells whether one object now
 * stands in several places.
 */
export function mergeEntities(
  { targets }: Entities,
  answered: readonly Fetched[],
  types: Types,
): { readonly areShared: boolean } {
  let areShared = false;
  targets.forEach((places, index) => {
    const entity = answered[index];
    if (!isRecord(entity)) return;
    places.forEach(({ fetch, objects }, number) => {
      if (objects.length > 1) areShared = true;
      const own = number === places.length - 1 ? entity : (copyOf(entity) as FetchedObject);
      const [first] = objects;
      // Rewrites go by what it is, which a subgraph need not say again.
      if (first && own['__typename'] === undefined && first['__typename'] !== undefined)
        own['__typename'] = first['__typename'];
      fetch.rewriteAnswer(own);
      for (const object of objects) fetch.merge(object, own, types);
    });
  });
  return { areShared };
}
