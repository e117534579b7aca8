/**
 * What every adapter promises, as checks that run against any system: in our tests over all departments, and as
 * `maplebridge adapter check` for the author of a fifth. Messages name what is wrong, never a key or a value.
 */
import type { Change, Department, Freshness, Quarantined } from '../../core/department.ts';
import { AppError } from '../../core/platform/errors.ts';
import { sleep } from './budget.ts';
import type { DepartmentAlert } from './kit.ts';
import type { PolicySettings } from './settings.ts';

/** What only a stand-in can do: it misbehaves on command. */
export interface Misbehaviour {
  slow(ms: number): Promise<void>;
  refuse(): Promise<void>;
  garbage(): Promise<void>;
  stop(): Promise<void>;
  heal(): Promise<void>;
  /** Calls by key that arrived at the system since it was last asked to count. */
  resetCounters(): Promise<void>;
  callsByKey(): Promise<number>;
}

export interface ConformanceContext {
  /** A fresh department each time: closed circuit, nothing cached, not even in the shared store. */
  open(options?: { readonly onAlert?: (alert: DepartmentAlert) => void }): Department;
  /** As the departments that `open` makes are set. */
  readonly policy: PolicySettings;
  readonly maxKeysPerCall: number;
  /** A key of the right form that the system does not hold. */
  readonly unknownKey: string;
  /** Pages of the change feed read at most; a large system is looked at only so far. */
  readonly maxPages: number;
  /** Null: only what is possible against a real system is checked. */
  readonly misbehaviour: Misbehaviour | null;
  /** How old answers are that the system gives as its current ones: LIVE, or CACHED for a system fed by files. */
  readonly healthyStatus: 'LIVE' | 'CACHED';
  /** Its rows are kept here (fed by files): when it does not answer, what was never read before is STALE too. */
  readonly keepsAll?: boolean;
}

export interface Check {
  readonly title: string;
  readonly needsMisbehaviour: boolean;
  run(context: ConformanceContext): Promise<void>;
}

export class CheckFailure extends AppError {
  constructor(message: string) {
    super('INTERNAL', message);
  }
}

export function ensure(condition: boolean, message: string): asserts condition {
  if (!condition) throw new CheckFailure(message);
}

export interface Sample {
  readonly changes: readonly Change[];
  readonly quarantined: readonly Quarantined[];
  readonly keys: readonly string[];
  readonly cursor: string;
  /** False when only the first pages were looked at. */
  readonly complete: boolean;
  readonly total: number | null;
}

/** Reads the feed from `cursor` on, `maxPages` at most. `keys` are those of the records that are there in the end. */
export async function readFeed(
  department: Department,
  maxPages: number,
  cursor: string | null = null,
): Promise<Sample> {
  const changes: Change[] = [];
  const quarantined: Quarantined[] = [];
  const keys = new Set<string>();
  let place = cursor;
  for (let read = 0; read < maxPages; read += 1) {
    const page = await department.changes(place);
    changes.push(...page.changes);
    quarantined.push(...page.quarantined);
    for (const change of page.changes) {
      if (change.type === 'upsert') keys.add(change.record.key);
      else keys.delete(change.key);
    }
    ensure(page.cursor !== place || !page.more, 'The feed says that there is more, and gives the same cursor again.');
    place = page.cursor;
    if (!page.more) return { changes, quarantined, keys: [...keys], cursor: place, complete: true, total: page.total };
  }
  return { changes, quarantined, keys: [...keys], cursor: place ?? '', complete: false, total: null };
}

/** Opens a department for one check and closes it whatever happens; heals the system afterwards. */
export async function withDepartment<T>(
  context: ConformanceContext,
  work: (department: Department, alerts: readonly DepartmentAlert[]) => Promise<T>,
): Promise<T> {
  const alerts: DepartmentAlert[] = [];
  const department = context.open({ onAlert: (alert) => void alerts.push(alert) });
  try {
    return await work(department, alerts);
  } finally {
    await context.misbehaviour?.heal();
    await department.close();
  }
}

/** Some keys the system holds. */
export async function someKeys(department: Department, count: number): Promise<readonly string[]> {
  const { keys } = await readFeed(department, 3);
  ensure(keys.length > 0, 'The change feed holds no record, so nothing can be read by key.');
  return keys.slice(0, count);
}

export interface TimedReading {
  readonly status: Freshness['status'];
  readonly asOf: string | null;
  readonly found: number;
  readonly ms: number;
}

export async function readTimed(department: Department, keys: readonly string[]): Promise<TimedReading> {
  const began = performance.now();
  const { records, freshness } = await department.read(keys, { priority: 'interactive' });
  return { ...freshness, found: records.size, ms: performance.now() - began };
}

/** Asks again and again until `done`; for what a department does by itself within some time. */
export async function eventually(withinMs: number, done: () => Promise<boolean>, message: string): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await done())) {
    ensure(performance.now() < deadline, message);
    await sleep(25);
  }
}
