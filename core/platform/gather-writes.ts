/**
 * Group commit: what several have to write while another commit is under way is written in the next one, together. Nobody
 * waits for a timer: who comes when nothing is under way is written at once.
 */
import { AppError } from './errors.ts';

interface Waiting<T> {
  readonly item: T;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The server is away or busy: no item is at fault, and trying each by itself would only make everybody wait. */
const isNobodysFault = (error: unknown): boolean => error instanceof AppError && error.retryable;

/**
 * `writeAll` stores all or nothing. The promise of each item is settled by the commit that it was part of; of several that
 * fail together each is tried once by itself, so that one that cannot be stored does not take the others with it.
 */
export function gatherWrites<T>(
  writeAll: (items: readonly T[]) => Promise<void>,
  most = 100,
): (item: T) => Promise<void> {
  const waiting: Waiting<T>[] = [];
  let busy = false;
  const settle = async (batch: readonly Waiting<T>[]): Promise<void> => {
    try {
      await writeAll(batch.map(({ item }) => item));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (batch.length === 1 || isNobodysFault(error)) for (const { reject } of batch) reject(error);
      else for (const one of batch) await settle([one]);
    }
  };
  const run = async (): Promise<void> => {
    while (waiting.length > 0) await settle(waiting.splice(0, most));
    busy = false;
  };
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (busy) return;
      busy = true;
      void run();
    });
}
