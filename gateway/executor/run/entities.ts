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
  readonly objects: readonly FetchedObject[];
}

/** Entities of a fetch that their subgraph is told of as one. */
export interface Represented {
  readonly objects: FetchedObject[];
  readonly representation: FetchedObject;
  /** The same for those that are represented alike. */
  readonly key: string;
}

/** Leaves out who is of no type that is asked about, and who lacks what is required. */
export function representAll(fetch: PlannedFetch, objects: Iterable<FetchedObject>): readonly Represented[] {
  const { represent } = fetch.entities as NonNullable<PlannedFetch['entities']>;
  const { likeness } = represent;
  const all: Represented[] = [];
  const known = new Map<string, Represented | null>();
  for (const object of objects) {
    let representation = likeness === null ? represent.of(object) : null;
    if (likeness === null && representation === null) continue;
    const key = likeness === null ? JSON.stringify(representation) : likeness(object);
    const alike = known.get(key);
    if (alike === undefined) {
      representation ??= represent.of(object);
      const first = representation && { objects: [object], representation, key };
      known.set(key, first);
      if (first) all.push(first);
    } else alike?.objects.push(object);
  }
  return all;
}

export function collectEntities(
  { fetches }: Question,
  representedOf: (fetch: PlannedFetch) => readonly Represented[],
): Entities {
  const representations: FetchedObject[] = [];
  const targets: Target[][] = [];
  // Of one fetch each comes once.
  const known = fetches.length > 1 ? new Map<string, number>() : null;
  for (const fetch of fetches) {
    for (const { objects, representation, key } of representedOf(fetch)) {
      const index = known?.get(key);
      if (index === undefined) {
        known?.set(key, representations.length);
        representations.push(representation);
        targets.push([{ fetch, objects }]);
      } else targets[index]?.push({ fetch, objects });
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
