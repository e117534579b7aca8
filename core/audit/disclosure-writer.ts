import { LRUCache } from 'lru-cache';
import type { Db } from '../platform/db.ts';
import { createDataKeys, type DataKey } from '../platform/data-keys.ts';
import { AppError } from '../platform/errors.ts';
import { gatherWrites } from '../platform/gather-writes.ts';
import type { Keyring } from '../platform/keyring.ts';
import { personsShown, writeDisclosures, type Disclosure } from './disclosure.ts';
import { disclosureMonth, makeDisclosureMonth } from './disclosure-month.ts';

/** Resolves when it is stored for good. When it rejects, the answer must not leave. */
export type WriteDisclosure = (disclosure: Disclosure) => Promise<void>;

const MOST_KEYS = 10_000;
/** Who is looked at is looked at again, from a list, a page, a dispute. */
const KEY_KEPT_MS = 60_000;

/** Of a process: what several requests in flight disclose is stored in one statement. */
export function createDisclosureWriter({
  db,
  keyring,
}: {
  readonly db: Db;
  readonly keyring: Keyring;
}): WriteDisclosure {
  const dataKeys = createDataKeys(keyring);
  // Those that are stored for good. One that is destroyed meanwhile commits to what nobody can open, as is wanted then.
  const kept = new LRUCache<string, DataKey>({ max: MOST_KEYS, ttl: KEY_KEPT_MS });
  const keysOf = async (personIds: readonly string[]): Promise<ReadonlyMap<string, DataKey>> => {
    const keys = new Map<string, DataKey>();
    for (const id of personIds) {
      const key = kept.get(id);
      if (key) keys.set(id, key);
    }
    const unknown = personIds.filter((id) => !keys.has(id));
    if (unknown.length === 0) return keys;
    // Of no transaction: what is made here is there, whether the disclosure can be written or not.
    for (const [id, key] of await dataKeys.obtain(db, unknown)) {
      kept.set(id, key);
      keys.set(id, key);
    }
    return keys;
  };
  const made = new Set<string>();
  const write = gatherWrites<Disclosure>(async (disclosures) => {
    for (const { at } of disclosures) {
      const month = disclosureMonth(at);
      if (made.has(month)) continue;
      await makeDisclosureMonth(db, at);
      made.add(month);
    }
    const keys = await keysOf(personsShown(disclosures));
    // Crash here: stored or not, no answer has left. What is stored then says more than was shown, never less.
    await writeDisclosures(db, { keyring, keys }, disclosures);
  });
  return async (disclosure) => {
    try {
      await write(disclosure);
    } catch (cause) {
      throw new AppError(
        'INTERNAL',
        'What you asked to see could not be written down, so it is not shown. Try again in a moment.',
        { retryable: true, cause },
      );
    }
  };
}
