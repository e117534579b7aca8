/** Makes a department of a wire: adds budgets, lanes, retries, the circuit breaker, coalescing and the cache. */
import type { Department, Freshness, ReadPriority } from '../../core/department.ts';
import type { DepartmentRecord } from '../../core/department-record.ts';
import { AppError } from '../../core/platform/errors.ts';
import { describeError } from '../../core/platform/log.ts';
import { withinBudget } from './budget.ts';
import { createFlights } from './flights.ts';
import { createHealthRecord } from './health.ts';
import type { Kit } from './kit.ts';
import { createLastGoodCache } from './last-good.ts';
import type { LastGoodCache } from './last-good.ts';
import { createPolicy } from './policy.ts';
import type { CacheSettings, PolicySettings } from './settings.ts';
import { isWireFault, wireFault } from './wire-fault.ts';
import type { WireFault } from './wire-fault.ts';
import type { Fetched, Wire } from './wire.ts';

export interface DepartmentDeps<R extends DepartmentRecord> {
  readonly wire: Wire<R>;
  readonly policy: PolicySettings;
  readonly cache: CacheSettings;
  readonly kit: Kit;
  /** Instead of a cache of answers: for a department whose rows are kept here anyway (fed by nightly files). */
  readonly lastGood?: LastGoodCache<R>;
}

/** How one call ended. */
type Landing<R extends DepartmentRecord> =
  { readonly fetched: Fetched<R>; readonly freshness: Freshness } | { readonly fault: WireFault };

export function createDepartment<R extends DepartmentRecord>(deps: DepartmentDeps<R>): Department<R> {
  const { wire, kit } = deps;
  const source = wire.code;
  const health = createHealthRecord();
  const cache = deps.lastGood ?? createLastGoodCache<R>({ source, settings: deps.cache, ...kit });
  const policy = createPolicy({
    source,
    settings: deps.policy,
    ping: (signal) => wire.ping({ signal }),
    onCircuit: (state) => {
      kit.log.warn({ source, circuit: state }, 'circuit of a department');
      kit.onCircuit?.(source, state);
    },
  });
  const now = (): number => kit.clock.wall().getTime();
  const late = (): WireFault => wireFault(source, 'slow');

  /** Everything a call can end in becomes a WireFault here, except that its caller gave up. */
  const asFault = (error: unknown, signal: AbortSignal): WireFault => {
    if (isWireFault(error)) return error;
    if (signal.aborted && error === signal.reason) throw error;
    kit.log.warn({ source, error: describeError(error) }, 'an adapter failed');
    return wireFault(source, 'unparsable', { field: '(adapter)', cause: error });
  };

  const alert = (operation: 'read' | 'changes', field: string, where: string | null): void => {
    kit.log.warn({ source, kind: operation, field, where }, 'a department sent what cannot be read');
    kit.onAlert?.({ source, operation, field, where });
  };

  /** Counts one call however it ends. */
  const measured = async <T>(operation: 'read' | 'changes' | 'ping', call: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const report = (outcome: string): void =>
      kit.onCall?.({ source, operation, outcome, ms: performance.now() - began });
    try {
      const result = await call();
      health.succeeded(now());
      report('ok');
      return result;
    } catch (error) {
      if (isWireFault(error)) {
        // While the circuit is open the department is not asked, so it has not failed either.
        if (error.reason !== 'open' && error.reason !== 'crowded') health.failed();
        if (error.reason === 'unparsable' && operation !== 'ping') alert(operation, error.field ?? '(reply)', null);
        report(error.reason);
      }
      throw error;
    }
  };

  const fly = async (keys: readonly string[], priority: ReadPriority, signal: AbortSignal): Promise<Landing<R>> => {
    const budget = priority === 'interactive' ? deps.policy.interactiveBudgetMs : deps.policy.bulkBudgetMs;
    const began = now();
    const started = performance.now();
    try {
      const fetched = await measured('read', () =>
        withinBudget(budget, signal, late, (within) =>
          policy.read(priority, within, async (attempt) => {
            try {
              return await wire.fetch(keys, { signal: attempt, priority });
            } catch (error) {
              throw asFault(error, attempt);
            }
          }),
        ),
      );
      if (priority === 'interactive') health.took(performance.now() - started);
      const answer = new Map<string, R | null>();
      for (const key of keys) {
        const record = fetched.get(key) ?? null;
        if (isWireFault(record)) alert('read', record.field ?? '(record)', null);
        else answer.set(key, record);
      }
      cache.remember(answer, began);
      return { fetched, freshness: wire.freshness?.() ?? { status: 'LIVE', asOf: new Date(began).toISOString() } };
    } catch (error) {
      // Whoever waited has gone; nobody sees this landing.
      return { fault: isWireFault(error) ? error : late() };
    }
  };
  const flights = createFlights<Landing<R>>({ maxKeysPerCall: wire.maxKeysPerCall, fly });

  const read: Department<R>['read'] = async (keys, { priority, signal, partial = false }) => {
    signal?.throwIfAborted();
    const wanted = [...new Set(keys)];
    const worth = createWorth();
    const found = new Map<string, R | null>();
    for (const [key, good] of cache.fresh(wanted, now())) {
      found.set(key, good.record);
      worth.note({ status: 'CACHED', asOf: new Date(good.storedAt).toISOString() });
    }

    const unread: string[] = [];
    const asked = wanted.filter((key) => !found.has(key));
    for (const [key, landing] of await flights.join(asked, priority, signal)) {
      const record = 'fault' in landing ? landing.fault : (landing.fetched.get(key) ?? null);
      if (isWireFault(record)) unread.push(key);
      else found.set(key, record);
      if ('freshness' in landing && !isWireFault(record)) worth.note(landing.freshness);
    }
    for (const [key, good] of unread.length === 0 ? [] : await cache.find(unread, now())) {
      found.set(key, good.record);
      worth.note({ status: 'STALE', asOf: new Date(good.storedAt).toISOString() });
    }

    // One key that cannot be had makes the whole unavailable, unless the caller looks at `unread`: a part shown as if it
    // were all would mislead.
    const missing = wanted.filter((key) => !found.has(key));
    const answered = missing.length === 0 || (partial && missing.length < wanted.length);
    const freshness = answered ? worth.of(now()) : UNAVAILABLE;
    if (wanted.length > 0) health.answered(freshness.status);
    const records = new Map<string, R>();
    if (freshness.status === 'UNAVAILABLE') {
      return partial ? { records, freshness, unread: new Set(wanted) } : { records, freshness };
    }
    for (const key of wanted) {
      const record = found.get(key) ?? null;
      if (record !== null) records.set(key, record);
    }
    return partial ? { records, freshness, unread: new Set(missing) } : { records, freshness };
  };

  return {
    code: source,
    read,
    async changes(cursor, { signal } = {}) {
      const page = await measured('changes', () =>
        withinBudget(deps.policy.changesBudgetMs, signal, late, (within) =>
          policy.page(within, async (attempt) => {
            try {
              return await wire.changes(cursor, { signal: attempt });
            } catch (error) {
              // A cursor that is not its own, or our own database that fails: not the department's doing.
              if (error instanceof AppError && !isWireFault(error)) throw error;
              throw asFault(error, attempt);
            }
          }),
        ),
      );
      for (const item of page.quarantined) alert('changes', item.field, item.where);
      return page;
    },
    health: () => health.report(policy.circuit()),
    ping: () =>
      measured('ping', () =>
        withinBudget(deps.policy.pingBudgetMs, undefined, late, async (signal) => {
          try {
            await wire.ping({ signal });
          } catch (error) {
            throw asFault(error, signal);
          }
        }),
      ),
    async close() {
      policy.close();
      await cache.flush();
      await wire.close();
    },
  };
}

const UNAVAILABLE: Freshness = { status: 'UNAVAILABLE', asOf: null };
const RANK = { LIVE: 0, CACHED: 1, STALE: 2, UNAVAILABLE: 3 } as const;

/** An answer is worth as much as its worst part, and as old as its oldest. */
function createWorth(): { note(part: Freshness): void; of(now: number): Freshness } {
  let status: Freshness['status'] = 'LIVE';
  let oldest: string | null = null;
  return {
    note(part) {
      if (RANK[part.status] > RANK[status]) status = part.status;
      if (part.asOf !== null && (oldest === null || part.asOf < oldest)) oldest = part.asOf;
    },
    of: (now) => (status === 'UNAVAILABLE' ? UNAVAILABLE : { status, asOf: oldest ?? new Date(now).toISOString() }),
  };
}
