/**
 * The planner looks at every way to an object for what is asked of it, and gives up a member of a union or interface as soon as
 * one way knows no such member, though it has just found another that does. While a plan is made patiently it goes on looking.
 * Only then: this is the one place where something within the planner is changed, and a plan that lacks nothing is made without.
 */
import graphPath from '@apollo/query-graphs/dist/graphPath.js';

type Advance = typeof graphPath.advanceSimultaneousPathsWithOperation;

/** The step that is looked at, and whether some way leads on from it; null while nobody is patient. */
let looking: { step: unknown; isFound: boolean } | null = null;

const advance: Advance = graphPath.advanceSimultaneousPathsWithOperation;

const advancePatiently: Advance = (schema, ways, step, conditions) => {
  const further = advance(schema, ways, step, conditions);
  if (!looking || !further) return further;
  if (looking.step !== step) looking = { step, isFound: false };
  if (further.length > 0) looking.isFound = true;
  // Not "nothing is ever here" but "not by this way".
  return further.length === 0 && looking.isFound ? undefined : further;
};
graphPath.advanceSimultaneousPathsWithOperation = advancePatiently;

/** Plans are made in one go: nobody else plans in between. Throws what `plan` throws. */
export function patiently<T>(plan: () => T): T {
  looking = { step: null, isFound: false };
  try {
    return plan();
  } finally {
    looking = null;
  }
}
