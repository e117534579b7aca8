import { z } from 'zod';

const milliseconds = z.number().int().positive();
const lane = z.object({
  /** Calls under way at once. */
  concurrent: z.number().int().positive(),
  /** Calls waiting for a place; more are answered from the cache at once. */
  queue: z.number().int().nonnegative(),
});

/** How a department's system is asked. Every adapter's settings include these under `policy`; the defaults suit most. */
export const policySettings = z.object({
  /** All of one interactive read: queueing, retries and all. The unified view has 1.5 s, of which this leaves a third. */
  interactiveBudgetMs: milliseconds.default(1_000),
  bulkBudgetMs: milliseconds.default(30_000),
  /** One page of the change feed, or one ping. */
  changesBudgetMs: milliseconds.default(60_000),
  pingBudgetMs: milliseconds.default(2_000),
  // Two lanes: a nightly reading-in can fill its own, never the one of people who wait for an answer.
  interactive: lane.default({ concurrent: 8, queue: 200 }),
  bulk: lane.default({ concurrent: 2, queue: 1_000 }),
  /** Times that a call which could not reach the system is tried again, with jitter, while its budget lasts. */
  retries: z.number().int().min(0).max(5).default(2),
  /** Consecutive failures that open the circuit. */
  failuresToOpen: z.number().int().positive().default(5),
  /** How long an open circuit waits between asking whether the system answers again. */
  probeEveryMs: milliseconds.default(5_000),
});
export type PolicySettings = z.infer<typeof policySettings>;

export const cacheSettings = z.object({
  /** In the process, per department. */
  maxBytes: z
    .number()
    .int()
    .positive()
    .default(16 * 1024 * 1024),
  /** Older than this, a last good answer is not shown any more. */
  maxStaleMs: milliseconds.default(24 * 60 * 60 * 1_000),
  /** Answer from the cache without asking, marked CACHED, while younger than this. 0: always ask. */
  freshForMs: z.number().int().nonnegative().default(0),
  /** An unchanged record is written to the shared cache again only after this. */
  rewriteAfterMs: milliseconds.default(10 * 60 * 1_000),
  /** How long a failing read waits for the shared cache. */
  lookupBudgetMs: milliseconds.default(250),
});
export type CacheSettings = z.infer<typeof cacheSettings>;

/** What every adapter's settings have besides its own: `z.object({ …, ...kitSettings })`. */
export const kitSettings = {
  policy: policySettings.prefault({}),
  cache: cacheSettings.prefault({}),
};
