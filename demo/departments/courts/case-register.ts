/** The court's register in memory: by record number, and by change number for those who ask what changed. */
import type { CourtRow } from '../../county/model.ts';

export interface RegisteredCase {
  /** Record number (记录号), counting up. */
  readonly number: number;
  /** Change number (变更号) of its last change. */
  readonly change: number;
  /** Null: struck out of the register. */
  readonly row: CourtRow | null;
}

export interface CaseRegister {
  readonly lastChange: number;
  readonly size: number;
  find(number: number): RegisteredCase | null;
  /** Cases last changed in (since, until], by record number, beyond `after`. */
  changed(since: number, until: number, after: number, limit: number): readonly RegisteredCase[];
  put(row: CourtRow): void;
  remove(number: number): boolean;
}

/** `rows` in the order in which they were last changed. */
export function createCaseRegister(rows: readonly CourtRow[]): CaseRegister {
  const cases = new Map<number, RegisteredCase>();
  // By change number; an entry whose case has changed since is skipped.
  const log: RegisteredCase[] = [];
  let numbers: number[] | null = null;
  let struck = 0;

  const enter = (number: number, row: CourtRow | null): void => {
    const entry = { number, change: log.length + 1, row };
    if (!cases.has(number)) numbers = null;
    cases.set(number, entry);
    log.push(entry);
  };
  for (const row of rows) enter(Number(row.key), row);

  const sorted = (): readonly number[] => (numbers ??= [...cases.keys()].sort((a, b) => a - b));
  const firstBeyond = (list: readonly number[], number: number): number => {
    let [low, high] = [0, list.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((list[middle] ?? 0) <= number) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  return {
    get lastChange() {
      return log.length;
    },
    get size() {
      return cases.size - struck;
    },
    find: (number) => cases.get(number) ?? null,
    changed(since, until, after, limit) {
      const wanted = (entry: RegisteredCase | undefined): entry is RegisteredCase =>
        entry !== undefined && entry.change > since && entry.change <= until && entry.number > after;
      // Few changes: sort them. Nearly all (a first load): walk by record number and stop at the page's end.
      if (until - since < cases.size / 8) {
        return log
          .slice(since, until)
          .filter((entry) => cases.get(entry.number) === entry && wanted(entry))
          .sort((a, b) => a.number - b.number)
          .slice(0, limit);
      }
      const page: RegisteredCase[] = [];
      const list = sorted();
      for (let index = firstBeyond(list, after); index < list.length && page.length < limit; index += 1) {
        const entry = cases.get(list[index] ?? 0);
        if (wanted(entry)) page.push(entry);
      }
      return page;
    },
    put: (row) => enter(Number(row.key), row),
    remove(number) {
      const entry = cases.get(number);
      if (entry === undefined || entry.row === null) return false;
      enter(number, null);
      struck += 1;
      return true;
    },
  };
}
