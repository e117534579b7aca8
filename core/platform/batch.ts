/**
 * What is asked while the same is under way is gathered, and then done together: many rows share one transaction and one way to
 * the server, which is most of what a small one costs. With nobody else asking nothing waits.
 */
export interface BatchOptions {
  /** In one batch. */
  readonly most: number;
  /** Batches under way at once. */
  readonly atOnce: number;
  /** True of a fault that is no item's (the server is away): all are told at once, and none is tried by itself. By default none is. */
  readonly isNobodysFault?: (error: unknown) => boolean;
}

interface Asked<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * `run` gives a result for each item, in their order. A batch that fails is done again one by one, beside each other: one bad
 * item spoils no other's. It may have been stored before it failed, so `run` must bear being done again.
 */
export function createBatches<Item, Result>(
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
  { most, atOnce, isNobodysFault = () => false }: BatchOptions,
): (item: Item) => Promise<Result> {
  const waiting: Asked<Item, Result>[] = [];
  let running = 0;

  async function answer(batch: readonly Asked<Item, Result>[]): Promise<void> {
    try {
      const results = await run(batch.map(({ item }) => item));
      if (results.length !== batch.length) throw new Error('A batch did not answer for each of its items.');
      batch.forEach(({ resolve }, index) => resolve(results[index] as Result));
    } catch (error) {
      if (batch.length === 1 || isNobodysFault(error)) for (const { reject } of batch) reject(error);
      else await Promise.all(batch.map((one) => answer([one])));
    }
  }

  function next(): void {
    while (running < atOnce && waiting.length > 0) {
      running += 1;
      void answer(waiting.splice(0, most)).finally(() => {
        running -= 1;
        next();
      });
    }
  }

  return (item) =>
    new Promise<Result>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      next();
    });
}
