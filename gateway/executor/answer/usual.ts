/** What values of a type usually are. */
import {
  getNullableType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
} from 'graphql';
import type { Fits } from './complete-leaf.ts';
import type { MakeObject, Usual, UsualList } from './object-fields.ts';

/** How what is found of one field is completed. */
export interface Completing<Run, Place> {
  /** Null where every value is to be completed. */
  readonly fitsOf: (type: GraphQLLeafType) => Fits | null;
  readonly makerOf: (type: GraphQLObjectType) => MakeObject<never, Run, Place>;
  /** Completes any value of the type. */
  readonly compile: (type: GraphQLOutputType) => UsualList<Run, Place>['complete'];
}

/** Null for unions and interfaces: each value is looked at. */
export function usualOf<Run, Place>(
  type: GraphQLOutputType,
  completing: Completing<Run, Place>,
): Usual<Run, Place> | null {
  const mayBeNull = !isNonNullType(type);
  const present = getNullableType(type);
  if (isLeafType(present)) {
    const fits = completing.fitsOf(present);
    return fits && { kind: 'leaf', mayBeNull, fits };
  }
  if (isObjectType(present)) return { kind: 'object', mayBeNull, compile: () => completing.makerOf(present) };
  if (!isListType(present)) return null;
  const elements = usualOf(present.ofType, completing);
  return {
    ...{ kind: 'list', mayBeNull, complete: completing.compile(present.ofType) },
    elements: elements?.kind === 'list' ? null : elements,
  };
}
