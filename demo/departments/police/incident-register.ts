/** The police's incidents in memory: by key, and in the order in which they were last changed. */
import type { PoliceRow } from '../../county/model.ts';

export interface RegisteredIncident {
  readonly key: string;
  /** Milliseconds since the epoch; unique, so that it is a place in the feed, and the same after a restart. */
  readonly changedAt: number;
  /** Null: struck out. */
  readonly row: PoliceRow | null;
}

export interface IncidentPage {
  readonly incidents: readonly RegisteredIncident[];
  readonly more: boolean;
}

export interface IncidentRegister {
  readonly size: number;
  find(key: string): PoliceRow | null;
  /** Incidents last changed after `changedAt`, oldest first. */
  changedAfter(changedAt: number, limit: number): IncidentPage;
  put(row: PoliceRow, at: Date): void;
  remove(key: string, at: Date): void;
}

/** `rows` in the order in which they were last changed. */
export function createIncidentRegister(rows: readonly PoliceRow[]): IncidentRegister {
  const incidents = new Map<string, RegisteredIncident>();
  // By `changedAt`; an entry whose incident has changed since is skipped.
  const log: RegisteredIncident[] = [];
  let size = 0;

  const enter = (key: string, row: PoliceRow | null, at: number): void => {
    const entry = { key, changedAt: Math.max(at, (log.at(-1)?.changedAt ?? 0) + 1), row };
    size += Number(row !== null) - Number((incidents.get(key)?.row ?? null) !== null);
    incidents.set(key, entry);
    log.push(entry);
  };
  for (const row of rows) enter(row.key, row, Date.parse(row.changedAt));

  const firstAfter = (changedAt: number): number => {
    let [low, high] = [0, log.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((log[middle]?.changedAt ?? 0) <= changedAt) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  return {
    get size() {
      return size;
    },
    find: (key) => incidents.get(key)?.row ?? null,
    changedAfter(changedAt, limit) {
      const page: RegisteredIncident[] = [];
      for (let index = firstAfter(changedAt); index < log.length; index += 1) {
        const entry = log[index];
        if (entry === undefined || incidents.get(entry.key) !== entry) continue;
        if (page.length === limit) return { incidents: page, more: true };
        page.push(entry);
      }
      return { incidents: page, more: false };
    },
    put: (row, at) => enter(row.key, row, at.getTime()),
    remove: (key, at) => enter(key, null, at.getTime()),
  };
}
