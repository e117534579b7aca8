import type { DocumentNode } from 'graphql';
import type { Step } from './flatten-plan.ts';
import type { Represent } from './representation.ts';
import type { Rewrite } from './rewrite.ts';
import type { Merge } from '../run/merge.ts';
import type { ObjectsIn } from '../run/place.ts';

/** One fetch of a plan, compiled. */
export interface PlannedFetch {
  readonly index: number;
  readonly service: string;
  readonly kind: 'query' | 'mutation';
  /** Where its objects are. Empty at the root. */
  readonly path: readonly Step[];
  readonly objectsIn: ObjectsIn;
  /** How many fetches it waits for. */
  readonly waitsFor: number;
  /** By index, those that wait for it. */
  readonly heldBy: readonly number[];
  /** Null where it asks at the root of the subgraph. */
  readonly entities: EntityQuestion | null;
  readonly document: DocumentNode;
  /** The client's variables in it. */
  readonly variables: readonly string[];
  readonly rewriteAnswer: Rewrite;
  /** Of what it was answered of an entity, once it is rewritten. */
  readonly merge: Merge;
  readonly renamed: ReadonlyMap<string, string>;
  /** Response names that it fills in for an object of this type; for errors. */
  namesFor(typename: string | undefined): readonly string[];
}

export interface EntityQuestion {
  readonly represent: Represent;
  /** Two fetches with the same ask the same, of whatever entities. */
  readonly text: string;
  /** Two fetches with the same take the same from the same objects. */
  readonly requires: string;
  readonly canBeJoined: boolean;
}
