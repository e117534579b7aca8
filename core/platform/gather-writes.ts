/**
 * Group commit: what several have to write while another commit is under way is written in the next one, together. Nobody
 * waits for a timer: who comes when nothing is under way is written at once.
 */
import { createBatches } from './batch.ts';
import { AppError } from './errors.ts';

/** The server is away or busy: no item is at fault, and trying each by itself would only make everybody wait. */
const isNobodysFault = (error: unknown): boolean => error instanceof AppError && error.retryable;

/**
 * `writeAll` stores all or nothing. The promise of each item is settled by the commit that it was part of; of several that
 * fail together each is tried once by itself, so that one that cannot be stored does not take the others with it.
 */
export const gatherWrites = <T>(
  writeAll: (items: readonly T[]) => Promise<void>,
  most = 100,
): ((item: T) => Promise<void>) =>
  createBatches<T, void>(
    async (items) => {
      await writeAll(items);
      return items.map(() => undefined);
    },
    { most, atOnce: 1, isNobodysFault },
  );
