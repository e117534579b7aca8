/**
 * A department that drops files, as a wire. Its rows are imported by the change feed and read from our own store; a read by
 * key asks the folder only whether it answers and which delivery is its newest, in one round trip.
 */
import { setMaxListeners } from 'node:events';
import { z } from 'zod';
import type { Freshness, SourceCode } from '../../core/department.ts';
import type { DepartmentRecord } from '../../core/department-record.ts';
import type { Db } from '../../core/platform/db.ts';
import { badInput } from '../../core/platform/errors.ts';
import { describeError } from '../../core/platform/log.ts';
import type { DropFolder } from './files.ts';
import type { DropFormat } from './files-format.ts';
import { createDropImport } from './files-import.ts';
import { createNewest } from './files-newest.ts';
import { createDropStore, isNewer } from './files-store.ts';
import type { DeliveryId, Stored, StoredChanges } from './files-store.ts';
import type { Kit } from './kit.ts';
import type { LastGood, LastGoodCache } from './last-good.ts';
import type { Wire } from './wire.ts';

/** Settings of every file-fed department, besides `drop` and the kit's. */
export const importSettings = {
  /** A delivery that is not whole after so long is reported. */
  alertAfterMs: z
    .number()
    .int()
    .nonnegative()
    .default(2 * 60 * 60 * 1_000),
  /** Of a file, imported at a time. */
  pieceBytes: z
    .number()
    .int()
    .positive()
    .default(2 * 1024 * 1024),
  /** Changes on a page of the change feed. */
  pageSize: z.number().int().positive().default(5_000),
};

export interface DropWireDeps<R extends DepartmentRecord> {
  readonly source: SourceCode;
  readonly folder: DropFolder;
  readonly format: DropFormat<R>;
  readonly db: Db;
  readonly kit: Kit;
  readonly settings: { readonly alertAfterMs: number; readonly pieceBytes: number; readonly pageSize: number };
}

export interface DropWire<R extends DepartmentRecord> {
  readonly wire: Wire<R>;
  /** What to answer from when the folder does not answer: everything that was ever imported. */
  readonly lastGood: LastGoodCache<R>;
}

/** One page of the change feed may take this long to import. */
const IMPORT_MS = 15_000;

const UNAVAILABLE: Freshness = { status: 'UNAVAILABLE', asOf: null };

/** Many questions are under way at once, and all end with one signal: Node would take that for a leak. */
const askMuch = (signal: AbortSignal): void => setMaxListeners(0, signal);

/** As of the newest delivery imported; STALE when the folder has a newer one, or has lost them all. */
function worthOf<R>(stored: Stored<R>, there: DeliveryId | null): Freshness {
  const { newest } = stored;
  if (newest === null) return UNAVAILABLE;
  const isWaiting = (id: DeliveryId): boolean =>
    stored.waiting.some(({ day, sendNumber }) => day === id.day && sendNumber === id.sendNumber);
  const isLive = there !== null && (!isNewer(there, newest) || isWaiting(there));
  return { status: isLive ? 'LIVE' : 'STALE', asOf: newest.madeAt };
}

export function createDropWire<R extends DepartmentRecord>(deps: DropWireDeps<R>): DropWire<R> {
  const { source, folder, format, db, kit, settings } = deps;
  const store = createDropStore<R>({ db, keyring: kit.keyring, source });
  const now = (): Date => kit.clock.wall();
  const scan = { source, folder, format };
  const imports = createDropImport<R>({ ...scan, ...settings, store, now });
  const newest = createNewest(scan, () => performance.now());
  let worth: Freshness = UNAVAILABLE;
  let total: number | null = null;

  const seqOf = (cursor: string | null): number => {
    const parts = /^(\d{1,15})(?:\.\d{1,15})?$/.exec(cursor ?? '0');
    if (parts === null) throw badInput('cursor', `This is not a cursor of ${source}.`);
    return Number(parts[1]);
  };

  /** Imports until there are changes to tell of, nothing is left, or it has taken long enough for one page. */
  const importSome = async (after: number, signal: AbortSignal) => {
    const began = performance.now();
    let more: boolean;
    let page: StoredChanges<R>;
    do {
      more = await imports.step(signal);
      page = await store.changesAfter(after, settings.pageSize);
    } while (more && page.until === after && performance.now() - began < IMPORT_MS);
    total = await store.total();
    return { page, more };
  };

  const wire: Wire<R> = {
    code: source,
    // It is our own store that answers; the folder is asked the same for one key as for all.
    maxKeysPerCall: 5_000,
    async fetch(keys, { signal }) {
      askMuch(signal);
      const [there, stored] = await Promise.all([newest(signal), store.find(keys)]);
      worth = worthOf(stored, there);
      return stored.records;
    },
    freshness: () => worth,
    async changes(cursor, { signal }) {
      const after = seqOf(cursor);
      askMuch(signal);
      await folder.ping(signal);
      // What was imported before goes first; with its last page the folder is looked into again.
      const known = await store.changesAfter(after, settings.pageSize);
      const { page, more } = known.more ? { page: known, more: true } : await importSome(after, signal);
      return {
        changes: page.changed.map(({ key, record }) =>
          record === null ? { type: 'delete', key } : { type: 'upsert', record },
        ),
        quarantined: page.faults,
        // A full day that changes nothing can take several pages: they differ at least in when they were given.
        cursor: more && page.until === after ? `${after}.${now().getTime()}` : String(page.until),
        more: more || page.more,
        total,
      };
    },
    ping: ({ signal }) => folder.ping(signal),
    close: () => folder.close(),
  };

  const lastGood: LastGoodCache<R> = {
    fresh: () => new Map(),
    async find(keys) {
      const found = new Map<string, LastGood<R>>();
      try {
        const stored = await store.find(keys);
        if (stored.newest === null) return found;
        const storedAt = Date.parse(stored.newest.madeAt);
        for (const key of keys) found.set(key, { record: stored.records.get(key) ?? null, storedAt });
      } catch (error) {
        kit.log.warn({ source, error: describeError(error) }, 'what was imported could not be read');
      }
      return found;
    },
    // Answers come from the store: there is nothing to add to it.
    remember: () => undefined,
    flush: async () => undefined,
  };
  return { wire, lastGood };
}
