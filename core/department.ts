/**
 * The port that every department's adapter implements, and the only thing the centre knows of a department's system.
 * Whatever the wire looks like (SOAP, signed REST, views, nightly files), what comes through here is typed and trusted:
 * it was parsed at the door. Instants are RFC 3339 in UTC; dates are YYYY-MM-DD.
 */
import type { DepartmentRecord, SourceCode } from './department-record.ts';

export type { SourceCode } from './department-record.ts';

/** What a department's part of an answer is worth right now; `asOf` is null exactly when UNAVAILABLE. */
export type Freshness =
  | { readonly status: 'LIVE' | 'CACHED' | 'STALE'; readonly asOf: string }
  | { readonly status: 'UNAVAILABLE'; readonly asOf: null };

export type CircuitState = 'CLOSED' | 'OPEN' | 'HALF_OPEN';

/** A person waiting for an answer goes before a nightly reading-in. */
export type ReadPriority = 'interactive' | 'bulk';

export interface ReadOptions {
  readonly priority: ReadPriority;
  readonly signal?: AbortSignal;
  /**
   * For a batch of many people's keys: answer with what can be had and name the rest in `unread`, so that one key that
   * cannot be had does not make the others unavailable. Whoever says so must look at `unread`.
   */
  readonly partial?: boolean;
}

/**
 * Records by the department's own key. A key that the department does not (or no longer) hold is absent from `records`.
 * UNAVAILABLE means that nothing could be had, not even from the cache: `records` is then empty.
 */
export interface Reading<R extends DepartmentRecord = DepartmentRecord> {
  readonly records: ReadonlyMap<string, R>;
  readonly freshness: Freshness;
  /** Only of a `partial` read: keys that could not be had, not even from the cache. For these it is UNAVAILABLE. */
  readonly unread?: ReadonlySet<string>;
}

export type Change<R extends DepartmentRecord = DepartmentRecord> =
  { readonly type: 'upsert'; readonly record: R } | { readonly type: 'delete'; readonly key: string };

/** Something of the department's that could not be read and was set aside; never a person's data, only where to look. */
export interface Quarantined {
  /** Where the department finds it: file and line, record number, page. */
  readonly where: string;
  /** The field that did not parse. */
  readonly field: string;
  readonly reason: string;
}

export interface ChangePage<R extends DepartmentRecord = DepartmentRecord> {
  readonly changes: readonly Change<R>[];
  readonly quarantined: readonly Quarantined[];
  /**
   * Opaque; hand it back for the next page. Storing it together with the page's effects makes reading in resumable. Ask for
   * at most one page more than is stored: a feed may take the cursor after next as proof that a page was.
   */
  readonly cursor: string;
  /** False when the department has nothing newer for now. */
  readonly more: boolean;
  /** Records in the department's system, where it tells; for the progress bar. */
  readonly total: number | null;
}

export interface DepartmentHealth {
  readonly status: Freshness['status'];
  readonly circuit: CircuitState;
  readonly lastSuccessAt: string | null;
  readonly successes: number;
  readonly failures: number;
  /** Of successful interactive reads, in milliseconds; null before the first. */
  readonly latencyP95Ms: number | null;
}

export interface Department<R extends DepartmentRecord = DepartmentRecord> {
  readonly code: SourceCode;
  /** One batched call; never rejects because the department is unwell: that is `freshness`. */
  read(keys: readonly string[], options: ReadOptions): Promise<Reading<R>>;
  /** Changes since `cursor` (null: everything), oldest first. Rejects with a retryable AppError when the department is unwell. */
  changes(cursor: string | null, options?: { readonly signal?: AbortSignal }): Promise<ChangePage<R>>;
  /** What is known from calls made; asks nothing of the department and never rejects. */
  health(): DepartmentHealth;
  /** Asks the department's system whether it answers; resolves on yes, rejects with an AppError saying why not. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
