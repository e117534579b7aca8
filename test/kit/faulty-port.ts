/** Which call of a port goes wrong, and how: the n-th of all that are made while it is armed, and only that one. */
import { AppError } from '../../core/platform/errors.ts';

/** It never got there; or it did, and the answer was lost on the way back. */
export const FAULT_MODES = ['failed', 'failed but stored'] as const;
export type FaultMode = (typeof FAULT_MODES)[number];

export interface FaultyPort {
  /** Counts from now on; `at` 0 lets everything through. */
  arm(at: number, mode?: FaultMode): void;
  /** Lets everything through. Returns what was called since it was armed, in order. */
  disarm(): readonly string[];
  /** Has it gone wrong since it was armed? */
  readonly fired: boolean;
  /** Counts a call; how it goes wrong, null when it does not. */
  take(name: string): FaultMode | null;
  /** A call that is a single message there and back. */
  call<T>(name: string, send: () => Promise<T>): Promise<T>;
}

/** As core/platform/db.ts has it when a connection breaks. */
export const connectionLost = (): AppError =>
  new AppError('INTERNAL', 'The database does not answer (ECONNRESET).', { retryable: true });

export function createFaultyPort(): FaultyPort {
  let calls: string[] = [];
  let isArmed = false;
  let fired = false;
  let breaking: { readonly at: number; readonly mode: FaultMode } = { at: 0, mode: 'failed' };
  const port: FaultyPort = {
    arm(at, mode = 'failed') {
      calls = [];
      [isArmed, fired] = [true, false];
      breaking = { at, mode };
    },
    disarm() {
      isArmed = false;
      return calls;
    },
    get fired() {
      return fired;
    },
    take(name) {
      if (!isArmed) return null;
      calls.push(name);
      if (calls.length !== breaking.at) return null;
      fired = true;
      return breaking.mode;
    },
    async call(name, send) {
      const mode = port.take(name);
      if (mode === 'failed') throw connectionLost();
      const answer = await send();
      if (mode === 'failed but stored') throw connectionLost();
      return answer;
    },
  };
  return port;
}
