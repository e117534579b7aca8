/** What is kept for a time: by which rule (schema/rules/retention.yaml), what has had its time, and how it goes. */
import type { Queryable, Tx } from '../platform/db.ts';
import { endedMatters, forgetWords } from './closed-words.ts';
import type { Due } from './due.ts';

export interface KeptKind {
  /** Id of its rule. */
  readonly rule: string;
  /** Also removed by the worker, all the time; the others only when somebody says so. */
  readonly always: boolean;
  /** `cutoffOf`: of another rule; null: what that is about is kept. */
  due(q: Queryable, cutoff: Date, cutoffOf: (rule: string) => Date | null): Promise<Due>;
  /** Removes a piece of it, so that no lock lasts long; how many. To be called until it is none. */
  remove(tx: Tx, cutoff: Date): Promise<number>;
}

const AT_ONCE = 5_000;

/** Rows that go as a whole: those of `table` with `at` before the cutoff, as far as `which` says. */
const rows = (rule: string, table: string, at: string, which = 'true'): KeptKind => ({
  rule,
  always: true,
  due: (q, cutoff) =>
    q.one<Due>(`select count(*) as count, min(${at}) as oldest from ${table} as old where ${at} < $1 and ${which}`, [
      cutoff,
    ]),
  remove: async (tx, cutoff) =>
    (
      await tx.one<{ count: number }>(
        `with gone as (delete from ${table} where ctid = any(array(
           select ctid from ${table} as old where ${at} < $1 and ${which} order by ${at} limit $2)) returning 1)
         select count(*) as count from gone`,
        [cutoff, AT_ONCE],
      )
    ).count,
});

const DELIVERED = `status in ('DELIVERED', 'SKIPPED')`;

const ATTEMPTS = 'retention.delivery-attempt';
const TASKS = 'retention.desk-task';

const deliveries = rows(
  'retention.delivery',
  'delivery',
  'created_at',
  `${DELIVERED} and not exists (select from delivery_attempt a where a.delivery_id = old.id)
     and not exists (select from desk_task t where t.delivery_id = old.id)`,
);

// Attempts and tasks that have had their time go before it.
const DUE_DELIVERIES = `
select count(*) as count, min(created_at) as oldest from delivery old where created_at < $1 and ${DELIVERED}
  and not exists (select from delivery_attempt a where a.delivery_id = old.id and ($2::timestamptz is null or a.at >= $2))
  and not exists (select from desk_task t where t.delivery_id = old.id and ($3::timestamptz is null or t.done_at is null or t.done_at >= $3))`;

/** In this order: what points at something goes before it. */
export const KEPT_KINDS: readonly KeptKind[] = [
  rows('retention.idempotency', 'idempotency', 'created_at'),
  rows(ATTEMPTS, 'delivery_attempt', 'at'),
  // With its id: so long a sender may repeat a message and be told `duplicate`. What is not settled is never forgotten.
  rows('retention.inbox', 'inbox', 'received_at', `status in ('APPLIED', 'REJECTED')`),
  rows('retention.outbox', 'outbox', 'dispatched_at'),
  rows(TASKS, 'desk_task', 'done_at'),
  {
    ...deliveries,
    due: (q, cutoff, cutoffOf) => q.one<Due>(DUE_DELIVERIES, [cutoff, cutoffOf(ATTEMPTS), cutoffOf(TASKS)]),
  },
  rows('retention.read-cache', 'read_cache', 'stored_at'),
  { rule: 'retention.closed-words', always: false, due: endedMatters, remove: forgetWords },
];
