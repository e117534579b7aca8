/** A durable step: what is there before it, the step itself, and who asks again when it goes wrong. */
import type { FaultyOffice } from '../kit/faulty-office.ts';

/** What a step needs to know of what was prepared. */
export type Found = Readonly<Record<string, string>>;

export interface Step {
  readonly name: string;
  readonly prepare: (office: FaultyOffice) => Promise<Found>;
  readonly run: (office: FaultyOffice, found: Found) => Promise<unknown>;
  /** Who asked asks again, with the same key or id, until it is told that it went well. Otherwise the sweeps look again. */
  readonly isRepeated: boolean;
}
