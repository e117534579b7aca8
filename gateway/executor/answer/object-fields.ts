/** What objects are made of (object-maker.ts), for answers and for subgraphs. */
import type { Fits } from './complete-leaf.ts';

/** `Run` is what is handed through, `Place` where the object stands. */
export interface FieldOfObject<Holder, Run, Place> {
  /** In the object that is made. */
  readonly name: string;
  /** Its name in the object that it is made from; null where it is not taken from there. */
  readonly from: string | null;
  /** Gives the value where it is not taken from the object; without it `complete` is given undefined. */
  readonly resolve?: ((holder: Holder, run: Run, place: Place) => unknown) | null;
  /** What nearly every value is; null where each is to be completed. */
  readonly usual: Usual<Run, Place> | null;
  /** Of values that are not what is usual. */
  readonly complete: (value: never, run: Run, place: Place, holder: Holder) => unknown;
}

export type Usual<Run, Place> = UsualLeaf | UsualObject<Run, Place> | UsualList<Run, Place>;

interface UsualValue {
  /** Then null, and what is not there, is null. */
  readonly mayBeNull: boolean;
}

/** Stands as it is. */
export interface UsualLeaf extends UsualValue {
  readonly kind: 'leaf';
  readonly fits: Fits;
}

export interface UsualObject<Run, Place> extends UsualValue {
  readonly kind: 'object';
  /** Called once, when the first has come. */
  readonly compile: () => MakeObject<never, Run, Place>;
}

export interface UsualList<Run, Place> extends UsualValue {
  readonly kind: 'list';
  readonly elements: UsualLeaf | UsualObject<Run, Place> | null;
  /** Of elements that are not what is usual. */
  readonly complete: (value: never, run: Run, place: Place, holder: never) => unknown;
}

/** Where not even null may stand: it is up to whatever holds it. */
export class Nothing<Why = null> {
  readonly why: Why;
  constructor(why: Why) {
    this.why = why;
  }
}

/** How an operation is gone through. What is written as source is an expression, of expressions. */
export interface Making<Run, Place> {
  /** Is it one whose fields can be read? */
  readonly isObject: (value: string) => string;
  /** Where a field of the object at `place` stands, and what it has. */
  readonly placeOfField: (place: string, name: string) => string;
  readonly placeOfElement: (place: string, index: string) => string;
  /** Null stands at `place` for what is not there. */
  readonly orNull: (nothing: Nothing<never>, run: Run, place: Place) => null;
  /** Where there is none, values are never promises, and reading them never throws. */
  readonly later?: Later;
}

export interface Later {
  /** Of an object or a list with values that are promises. */
  readonly settle: (made: Record<string, unknown> | unknown[]) => Promise<unknown>;
  /** What stands for a value whose reading throws. */
  readonly thrown: (error: unknown) => Error;
  /** Of a list that is given up: nobody waits for these. */
  readonly abandon: (values: readonly unknown[]) => void;
}

export type MakeObject<Holder, Run, Place> = (object: Holder, run: Run, place: Place) => unknown;
