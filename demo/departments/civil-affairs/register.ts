/** What the bureau's systems hold, as the county's file has it and the deliveries since have changed it. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCounty, readRows } from '../../county/county-files.ts';
import type { CivilAffairsRow } from '../../county/model.ts';
import type { Written } from './row-text.ts';

export interface Change extends Written {
  /** The county's file has it. */
  readonly inCounty: boolean;
}

/** The latest send of a day. */
export interface Sent {
  readonly day: string;
  readonly sendNumber: number;
  readonly kind: 'FULL' | 'DELTA';
  readonly changes: readonly Change[];
}

export interface Register {
  /** In the order of days. */
  readonly sent: readonly Sent[];
  /** The newest day for which anything was ever sent, of an earlier county too. */
  readonly lastDay: string | null;
  find(key: string): Promise<{ readonly row: CivilAffairsRow | null; readonly inCounty: boolean }>;
  /** Everything at the end of the day. */
  rows(day: string): AsyncGenerator<Written>;
  total(day: string): number;
  note(sent: Sent): void;
}

interface Book {
  readonly county: string;
  readonly lastDay: string | null;
  readonly sent: readonly Sent[];
}

/** Kept in a file beside the drop folder. The county's rows are read from theirs whenever they are needed. */
export async function openRegister(dir: string, countyDir: string): Promise<Register> {
  const file = join(dir, 'deliveries.json');
  const county = await readCounty(countyDir);
  const countyRows = county?.rows['civil-affairs'] ?? 0;
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Book) : null;
  const digest = county?.digest ?? '';
  let book: Book = before?.county === digest ? before : { county: digest, lastDay: before?.lastDay ?? null, sent: [] };

  const changedUntil = (day: string): Map<string, Change> =>
    new Map(
      book.sent.filter((one) => one.day <= day).flatMap(({ changes }) => changes.map((one) => [one.key, one] as const)),
    );
  const readCountyRow = async (key: string): Promise<CivilAffairsRow | null> => {
    for await (const row of readRows(countyDir, 'civil-affairs')) if (row.key === key) return row;
    return null;
  };

  return {
    get sent() {
      return book.sent;
    },
    get lastDay() {
      return book.lastDay;
    },
    async find(key) {
      const changed = changedUntil('9999-12-31').get(key);
      if (changed !== undefined) return changed;
      const row = await readCountyRow(key);
      return { row, inCounty: row !== null };
    },
    async *rows(day) {
      const changed = changedUntil(day);
      for await (const row of readRows(countyDir, 'civil-affairs')) {
        const change = changed.get(row.key);
        changed.delete(row.key);
        const now = change === undefined ? row : change.row;
        if (now !== null) yield { key: row.key, change: 'new', row: now };
      }
      for (const { key, row } of changed.values()) if (row !== null) yield { key, change: 'new', row };
    },
    total: (day) =>
      [...changedUntil(day).values()].reduce(
        (total, { row, inCounty }) => total + (row === null ? 0 : 1) - (inCounty ? 1 : 0),
        countyRows,
      ),
    note(one) {
      const sent = [...book.sent.filter(({ day }) => day !== one.day), one].sort((a, b) => (a.day < b.day ? -1 : 1));
      const lastDay = book.lastDay !== null && book.lastDay > one.day ? book.lastDay : one.day;
      book = { ...book, lastDay, sent };
      writeFileSync(`${file}.part`, JSON.stringify(book), { mode: 0o600 });
      renameSync(`${file}.part`, file);
    },
  };
}
