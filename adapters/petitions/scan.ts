/**
 * A change feed of views that know no changes: all petitions by key, page by page, each compared with what was told of it
 * last. What is no longer there, or struck out, is told as deleted by the page in whose range of keys it was.
 *
 * Whoever reads asks for at most one page more than is stored (core/people/read-in.ts prepares the next page while one is
 * being stored). So the cursor behind page n proves that page n−1 was stored: that one is settled. Of page n itself it is
 * not known, yet what comes after it may build on it, for the reader stores page n+1 only after page n.
 */
import { randomUUID } from 'node:crypto';
import type { Change, ChangePage, Quarantined } from '../../core/department.ts';
import type { PetitionRecord } from '../../core/department-record.ts';
import { badInput } from '../../core/platform/errors.ts';
import type { Keyring } from '../../core/platform/keyring.ts';
import { isWireFault } from '../kit/wire-fault.ts';
import type { WireFault } from '../kit/wire-fault.ts';
import type { ScanState, Told } from './scan-state.ts';
import type { RowWire } from './wire.ts';

/** Goes up when map.ts makes another record of the same row: the next scan then tells every row again. */
const MAPPING = '1';

interface Place {
  /** Everything is told again, changed or not: asked for from the beginning. */
  readonly full: boolean;
  /** Id of the page that this cursor came with, and of the one before it. */
  readonly page: string;
  readonly before: string;
  readonly total: number;
  /** The page's last key; empty behind the last page. */
  readonly after: string;
}

const CURSOR = /^1\.([01])\.([\w-]{0,36})\.([\w-]{0,36})\.(\d{1,15})\.([\w-]*)$/;

function placeOf(cursor: string): Place {
  const parts = CURSOR.exec(cursor);
  if (parts === null) throw badInput('cursor', 'This is not a cursor of the petitions.');
  const [, full, page = '', before = '', total, after = ''] = parts;
  return { full: full === '1', page, before, total: Number(total), after: Buffer.from(after, 'base64url').toString() };
}

const cursorOf = ({ full, page, before, total, after }: Place): string =>
  ['1', full ? '1' : '0', page, before, total, Buffer.from(after).toString('base64url')].join('.');

export interface ScanSource {
  /** The next so many rows behind a key, in the order of the keys' bytes. */
  rows(after: string | null, limit: number): Promise<readonly RowWire[]>;
  /** Null: struck out. */
  parse(row: RowWire): PetitionRecord | WireFault | null;
  count(): Promise<number>;
}

export interface ScanDeps {
  readonly state: ScanState;
  readonly keyring: Keyring;
  readonly pageSize: number;
}

export type Scan = (cursor: string | null, source: ScanSource) => Promise<ChangePage<PetitionRecord>>;

export function createScan({ state, keyring, pageSize }: ScanDeps): Scan {
  const hashOf = (row: RowWire): Buffer =>
    keyring.hash('index.hash', 'petition-scan', MAPPING, JSON.stringify(Object.values(row)));

  return async (cursor, source) => {
    const from = cursor === null ? null : placeOf(cursor);
    // Behind the last page a new scan begins.
    const after = from === null || from.after === '' ? null : from.after;
    const full = from === null || (from.full && after !== null);
    const total = from === null || after === null ? await source.count() : from.total;
    if (from !== null && from.before !== '') await state.settle(from.before);

    const rows = await source.rows(after, pageSize);
    const more = rows.length >= pageSize;
    const last = more ? (rows.at(-1)?.jlid ?? '') : '';
    const told = await state.recall(after, more ? last : null);
    const isKnown = (one: Told | undefined): one is Told =>
      one !== undefined && (one.page === null || one.page === from?.page);

    const changes: Change<PetitionRecord>[] = [];
    const quarantined: Quarantined[] = [];
    const news = new Map<string, Buffer | null>();
    const there = new Set<string>();
    for (const row of rows) {
      const before = told.get(row.jlid);
      const hash = hashOf(row);
      if (!full && isKnown(before) && before.hash?.equals(hash)) {
        there.add(row.jlid);
        continue;
      }
      const record = source.parse(row);
      if (record === null) continue;
      there.add(row.jlid);
      if (isWireFault(record)) {
        // Nothing is noted: every scan looks at it again, and finds it mended, or us grown wiser.
        quarantined.push({ where: `jlid ${row.jlid}`, field: record.field ?? '', reason: 'not readable' });
        continue;
      }
      changes.push({ type: 'upsert', record });
      news.set(row.jlid, hash);
    }
    for (const [key, before] of told) {
      if (there.has(key) || (isKnown(before) && before.hash === null)) continue;
      changes.push({ type: 'delete', key });
      news.set(key, null);
    }

    const page = randomUUID();
    await state.note(page, news);
    // Crash here, or before the reader has stored the page: all of it is in doubt, and told again.
    const next: Place = { full: full && more, page, before: from?.page ?? '', total, after: last };
    return { changes, quarantined, cursor: cursorOf(next), more, total };
  };
}
