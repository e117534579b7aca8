/** Which fields a fetch fills in, and where: structure only, before anything is asked. */
import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import { Kind } from 'graphql';
import type { DocumentNode, SelectionSetNode } from 'graphql';
import { fragmentsOf, operationOf, responseName } from './document.ts';
import type { Step } from './flatten-plan.ts';

export interface Writing {
  readonly document: DocumentNode;
  readonly path: readonly Step[];
  /** Null where it is asked at the root. */
  readonly requires: readonly QueryPlanSelectionNode[] | null;
  /** Response names that are changed when the answer comes, to what they are then. */
  readonly renamed: ReadonlyMap<string, string>;
}

/** A place among what is fetched: response names with dots between, lists left out. */
export type Place = string;

export const placeOf = (path: readonly Step[]): Place =>
  path.flatMap((step) => (typeof step === 'string' && step !== '@' ? [step] : [])).join('.');
export const below = (place: Place, name: string): Place => (place === '' ? name : `${place}.${name}`);

export interface WrittenField {
  readonly place: Place;
  /** Of the fragment that it stands in, the nearest; null where it stands in none. */
  readonly condition: string | null;
}

/** One that is renamed stands under both names. */
export function fieldsWritten({ document, path, requires, renamed }: Writing): readonly WrittenField[] {
  const written: WrittenField[] = [];
  const fragments = fragmentsOf(document);
  function walk(set: SelectionSetNode | undefined, place: Place, condition: string | null): void {
    for (const node of set?.selections ?? []) {
      if (node.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(node.name.value);
        walk(fragment?.selectionSet, place, fragment?.typeCondition.name.value ?? condition);
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        walk(node.selectionSet, place, node.typeCondition?.name.value ?? condition);
      } else {
        const name = responseName(node);
        for (const one of [name, renamed.get(name)]) {
          if (one === undefined) continue;
          written.push({ place: below(place, one), condition });
          walk(node.selectionSet, below(place, one), null);
        }
      }
    }
  }
  const { selectionSet } = operationOf(document);
  const [entities] = selectionSet.selections;
  const set = requires !== null && entities?.kind === Kind.FIELD ? entities.selectionSet : selectionSet;
  walk(set, placeOf(path), null);
  return written;
}
