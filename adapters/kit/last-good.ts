/**
 * The last good answer per key, for when a department does not answer: in the process (bounded in bytes) over a store
 * shared by all processes. That a department does not hold a key is an answer too, and is kept as one.
 */
import { LRUCache } from 'lru-cache';
import type { SourceCode } from '../../core/department.ts';
import type { DepartmentRecord } from '../../core/department-record.ts';
import type { Keyring } from '../../core/platform/keyring.ts';
import { describeError } from '../../core/platform/log.ts';
import { sleep } from './budget.ts';
import type { KitLog } from './kit.ts';
import type { CacheSettings } from './settings.ts';
import type { SharedCache, SharedEntry } from './shared-cache.ts';

export interface LastGood<R> {
  /** Null: the department did not hold it. */
  readonly record: R | null;
  readonly storedAt: number;
}

export interface LastGoodCache<R> {
  /** Answers of this process younger than `freshForMs`; nothing unless that is set. */
  fresh(keys: readonly string[], now: number): ReadonlyMap<string, LastGood<R>>;
  /** Answers not older than `maxStaleMs`, asking the shared store for what this process has not. Never rejects. */
  find(keys: readonly string[], now: number): Promise<ReadonlyMap<string, LastGood<R>>>;
  /** Takes note of an answer; returns at once, the shared store is written behind. */
  remember(answer: ReadonlyMap<string, R | null>, at: number): void;
  /** Writes what waits to be written. Never rejects. */
  flush(): Promise<void>;
}

export interface LastGoodDeps {
  readonly source: SourceCode;
  readonly settings: CacheSettings;
  readonly keyring: Keyring;
  readonly shared: SharedCache | null;
  readonly log: KitLog;
}

interface Kept {
  /** JSON of the record or of null: half the size of the object, and comparable. */
  readonly json: string;
  readonly storedAt: number;
  readonly sharedAt: number;
}

/** Long enough that many answers make one statement, and that none is written while somebody waits for the rest of theirs. */
const WRITE_BEHIND_MS = 500;
const MAX_BATCH = 500;
/** Beyond this the shared store is not keeping up, and what is oldest is let go. */
const MAX_WAITING = 5_000;

export function createLastGoodCache<R extends DepartmentRecord>(deps: LastGoodDeps): LastGoodCache<R> {
  const { source, settings, keyring, shared, log } = deps;
  const kept = new LRUCache<string, Kept>({
    maxSize: settings.maxBytes,
    sizeCalculation: (entry, key) => 200 + 2 * (entry.json.length + key.length),
  });
  const waiting = new Map<string, Kept>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const hashOf = (key: string): Buffer => keyring.hash('cache', source, key);
  const contextOf = (hash: Buffer): string => `${source}:${hash.toString('base64url')}`;
  const opened = (entry: Kept): LastGood<R> => ({
    record: JSON.parse(entry.json) as R | null,
    storedAt: entry.storedAt,
  });

  const seal = (key: string, entry: Kept): SharedEntry => {
    const keyHash = hashOf(key);
    // The time is sealed with the record, so that nobody makes an old answer look young.
    return { keyHash, cipher: keyring.seal('cache', `${entry.storedAt}:${entry.json}`, contextOf(keyHash)) };
  };
  const unseal = (entry: SharedEntry): Kept => {
    const text = keyring.open('cache', entry.cipher, contextOf(entry.keyHash)).toString('utf8');
    const colon = text.indexOf(':');
    const storedAt = Number(text.slice(0, colon));
    return { json: text.slice(colon + 1), storedAt, sharedAt: storedAt };
  };

  const writeBatch = async (store: SharedCache): Promise<void> => {
    const batch = [...waiting].slice(0, MAX_BATCH);
    for (const [key] of batch) waiting.delete(key);
    const storedAt = new Date(Math.max(...batch.map(([, entry]) => entry.storedAt)));
    try {
      const entries = batch.map(([key, entry]) => seal(key, entry));
      await store.putMany(source, entries, storedAt, settings.maxStaleMs);
    } catch (error) {
      log.warn({ source, records: batch.length, error: describeError(error) }, 'last good answers were not shared');
    }
  };
  const write = async (): Promise<void> => {
    while (shared !== null && waiting.size > 0) await writeBatch(shared);
  };
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write);
    return writing;
  };

  const findShared = async (keys: readonly string[], store: SharedCache): Promise<ReadonlyMap<string, Kept>> => {
    const keyByHash = new Map(keys.map((key) => [hashOf(key).toString('base64url'), key]));
    const found = new Map<string, Kept>();
    const hashes = [...keyByHash.keys()].map((hash) => Buffer.from(hash, 'base64url'));
    for (const entry of await store.getMany(source, hashes)) {
      const key = keyByHash.get(entry.keyHash.toString('base64url'));
      if (key === undefined) continue;
      try {
        found.set(key, unseal(entry));
      } catch (error) {
        // Sealed under another key, or moved: as good as absent, and no reason to lose the others.
        log.warn({ source, error: describeError(error) }, 'a shared last good answer cannot be opened');
      }
    }
    return found;
  };

  return {
    fresh(keys, now) {
      const found = new Map<string, LastGood<R>>();
      if (settings.freshForMs === 0) return found;
      for (const key of keys) {
        const entry = kept.get(key);
        if (entry !== undefined && now - entry.storedAt < settings.freshForMs) found.set(key, opened(entry));
      }
      return found;
    },
    async find(keys, now) {
      const oldest = now - settings.maxStaleMs;
      const found = new Map<string, LastGood<R>>();
      const missing: string[] = [];
      for (const key of keys) {
        const entry = kept.get(key);
        if (entry !== undefined && entry.storedAt >= oldest) found.set(key, opened(entry));
        else missing.push(key);
      }
      if (missing.length === 0 || shared === null) return found;
      try {
        const late = sleep(settings.lookupBudgetMs).then(() => null);
        const entries = await Promise.race([findShared(missing, shared), late]);
        if (entries === null) log.warn({ source }, 'the shared cache was too slow to help');
        for (const [key, entry] of entries ?? []) {
          if (entry.storedAt < oldest) continue;
          kept.set(key, entry);
          found.set(key, opened(entry));
        }
      } catch (error) {
        log.warn({ source, error: describeError(error) }, 'the shared cache could not be read');
      }
      return found;
    },
    remember(answer, at) {
      for (const [key, record] of answer) {
        const json = JSON.stringify(record);
        const before = kept.get(key);
        const shareAgain =
          before === undefined || before.json !== json || at - before.sharedAt >= settings.rewriteAfterMs;
        const entry = { json, storedAt: at, sharedAt: shareAgain ? at : before.sharedAt };
        kept.set(key, entry);
        if (shareAgain && shared !== null) waiting.set(key, entry);
      }
      while (waiting.size > MAX_WAITING) {
        const [oldest] = waiting.keys();
        if (oldest !== undefined) waiting.delete(oldest);
      }
      if (waiting.size > 0 && timer === undefined) {
        timer = setTimeout(() => void flush(), WRITE_BEHIND_MS);
        timer.unref();
      }
    },
    flush,
  };
}
