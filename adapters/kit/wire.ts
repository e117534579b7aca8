/**
 * What the author of an adapter writes: how one department's system is asked, and nothing else. Time budgets, lanes,
 * retries, the circuit breaker, the cache and coalescing are added by `createDepartment`, the same for everybody.
 */
import type { ChangePage, Freshness, ReadPriority, SourceCode } from '../../core/department.ts';
import type { DepartmentRecord } from '../../core/department-record.ts';
import type { WireFault } from './wire-fault.ts';

export interface FetchOptions {
  /** Fires when the time budget is spent or nobody waits any more; the call must let go of its connection then. */
  readonly signal: AbortSignal;
  readonly priority: ReadPriority;
}

/** By the department's key. A key it does not hold is absent; a record that did not parse is there as its fault. */
export type Fetched<R extends DepartmentRecord> = ReadonlyMap<string, R | WireFault>;

export interface Wire<R extends DepartmentRecord> {
  readonly code: SourceCode;
  /** The most keys that one call of the system takes; more are cut into several calls. */
  readonly maxKeysPerCall: number;
  /** One call of the system for distinct keys, never none. Throws a WireFault when the call as a whole failed. */
  fetch(keys: readonly string[], options: FetchOptions): Promise<Fetched<R>>;
  /** One page of the change feed. What does not parse is set aside in `quarantined`; throws a WireFault when the page failed. */
  changes(cursor: string | null, options: { readonly signal: AbortSignal }): Promise<ChangePage<R>>;
  /** The cheapest question that shows whether the system answers. */
  ping(options: { readonly signal: AbortSignal }): Promise<void>;
  close(): Promise<void>;
  /**
   * Only for systems whose answers are not of the moment (fed by nightly files): what they are worth right after a fetch.
   * Without it, an answer is LIVE as of when it was asked for.
   */
  freshness?(): Freshness;
}
