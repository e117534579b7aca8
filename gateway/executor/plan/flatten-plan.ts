/** A plan's tree as a list of fetches, each with those that the tree has it wait for. */
import type { FetchNode, PlanNode } from '@apollo/query-planner';
import { AppError } from '../../../core/platform/errors.ts';

/** A response name, '@' for every element of a list, or only the objects of some types. */
export type Step = string | OnlyOf;

export interface OnlyOf {
  readonly types: ReadonlySet<string>;
}

export interface FlatFetch {
  readonly node: FetchNode;
  readonly path: readonly Step[];
  /** All before it, not only the last. */
  readonly before: ReadonlySet<FlatFetch>;
}

export function flattenPlan(root: PlanNode): FlatFetch[] {
  const fetches: FlatFetch[] = [];

  /** Returns what was added. */
  function add(node: PlanNode, before: ReadonlySet<FlatFetch>, path: readonly Step[]): readonly FlatFetch[] {
    switch (node.kind) {
      case 'Fetch': {
        const fetch = { node, path, before };
        fetches.push(fetch);
        return [fetch];
      }
      case 'Flatten':
        return add(node.node, before, [...path, ...node.path.flatMap(stepsOf)]);
      case 'Parallel':
        return node.nodes.flatMap((child) => add(child, before, path));
      case 'Sequence': {
        const added: FlatFetch[] = [];
        for (const child of node.nodes) added.push(...add(child, new Set([...before, ...added]), path));
        return added;
      }
      // What is left out is left out before it is planned (fixed-conditions.ts).
      case 'Condition':
      case 'Defer':
        throw new AppError('BAD_USER_INPUT', `A plan with ${node.kind} cannot be run here.`);
    }
  }

  add(root, new Set(), []);
  return fetches;
}

/** The planner writes of which types behind the step that leads to them: `review|[UserReview]`, `@|[Book,Film]`. */
function stepsOf(step: string | number): readonly Step[] {
  const [, name = '', types] = /^([^|]*)(?:\|\[(.*)\])?$/.exec(String(step)) ?? [];
  return [...(name === '' ? [] : [name]), ...(types === undefined ? [] : [{ types: new Set(types.split(',')) }])];
}
