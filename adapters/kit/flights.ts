/** Calls under way. Two readers of the same key share one call; it is given up only when nobody waits for it any more. */
import type { ReadPriority } from '../../core/department.ts';
import { orAborted } from './budget.ts';

export interface Flight<Landing> {
  readonly keys: readonly string[];
  readonly landing: Promise<Landing>;
}

export interface Flights<Landing> {
  /** Resolves when every key's call has landed; rejects only with the reason of `signal`. */
  join(
    keys: readonly string[],
    priority: ReadPriority,
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<string, Landing>>;
}

interface Aloft<Landing> {
  readonly landing: Promise<Landing>;
  readonly keys: readonly string[];
  readonly controller: AbortController;
  waiters: number;
}

export interface FlightsDeps<Landing> {
  readonly maxKeysPerCall: number;
  /** One call; must not reject, and must let go when `signal` fires. */
  readonly fly: (keys: readonly string[], priority: ReadPriority, signal: AbortSignal) => Promise<Landing>;
}

export function createFlights<Landing>({ maxKeysPerCall, fly }: FlightsDeps<Landing>): Flights<Landing> {
  // Per priority: who waits for an answer must not hang on a call of the patient lane.
  const aloft = {
    interactive: new Map<string, Aloft<Landing>>(),
    bulk: new Map<string, Aloft<Landing>>(),
  };

  const forget = (priority: ReadPriority, flight: Aloft<Landing>): void => {
    for (const key of flight.keys) if (aloft[priority].get(key) === flight) aloft[priority].delete(key);
  };

  const start = (keys: readonly string[], priority: ReadPriority): Aloft<Landing> => {
    const controller = new AbortController();
    const landing = fly(keys, priority, controller.signal).finally(() => forget(priority, flight));
    const flight: Aloft<Landing> = { landing, keys, controller, waiters: 0 };
    for (const key of keys) aloft[priority].set(key, flight);
    return flight;
  };

  return {
    async join(keys, priority, signal) {
      const flightOf = new Map<string, Aloft<Landing>>();
      const grounded: string[] = [];
      for (const key of keys) {
        const flight = aloft[priority].get(key);
        if (flight === undefined) grounded.push(key);
        else flightOf.set(key, flight);
      }
      for (let first = 0; first < grounded.length; first += maxKeysPerCall) {
        const chunk = grounded.slice(first, first + maxKeysPerCall);
        const flight = start(chunk, priority);
        for (const key of chunk) flightOf.set(key, flight);
      }
      const flights = [...new Set(flightOf.values())];
      for (const flight of flights) flight.waiters += 1;
      try {
        const landings = Promise.all(flights.map((flight) => flight.landing));
        await (signal === undefined ? landings : orAborted(landings, signal));
      } finally {
        for (const flight of flights) {
          flight.waiters -= 1;
          if (flight.waiters > 0 || !signal?.aborted) continue;
          forget(priority, flight);
          flight.controller.abort(signal.reason);
        }
      }
      const landed = new Map<string, Landing>();
      for (const [key, flight] of flightOf) landed.set(key, await flight.landing);
      return landed;
    },
  };
}
