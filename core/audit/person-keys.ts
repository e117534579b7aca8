/** Keys of persons who are shown, for the commitments to them in the audit log. */
import { LRUCache } from 'lru-cache';
import { createDataKeys, type DataKey } from '../platform/data-keys.ts';
import type { Db } from '../platform/db.ts';
import type { Keyring } from '../platform/keyring.ts';

export interface PersonKeys {
  /** Makes those that are missing. Throws CONFLICT for a person whose key was destroyed. */
  of(personIds: readonly string[]): Promise<ReadonlyMap<string, DataKey>>;
  /** They are going to be asked for: begins to look them up, and does not wait. */
  expect(personIds: readonly string[]): void;
}

const MOST = 10_000;
/** Who is looked at is looked at again, from a list, a page, a dispute. */
const KEPT_MS = 60_000;

export function createPersonKeys({ db, keyring }: { readonly db: Db; readonly keyring: Keyring }): PersonKeys {
  const dataKeys = createDataKeys(keyring);
  // Those that are stored for good. One that is destroyed meanwhile commits to what nobody can open, as is wanted then.
  const kept = new LRUCache<string, DataKey>({ max: MOST, ttl: KEPT_MS });
  const expected = new Map<string, Promise<void>>();

  async function obtain(personIds: readonly string[], into: Map<string, DataKey>): Promise<void> {
    // In no transaction: what is made here is there, whatever becomes of who asked.
    for (const [id, key] of await dataKeys.obtain(db, personIds)) {
      kept.set(id, key);
      into.set(id, key);
    }
  }

  return {
    async of(personIds) {
      await Promise.all(personIds.flatMap((id) => expected.get(id) ?? []));
      const keys = new Map<string, DataKey>();
      for (const id of personIds) {
        const key = kept.get(id);
        if (key) keys.set(id, key);
      }
      const unknown = personIds.filter((id) => !keys.has(id));
      if (unknown.length > 0) await obtain(unknown, keys);
      return keys;
    },
    expect(personIds) {
      const unknown = personIds.filter((id) => !kept.has(id) && !expected.has(id));
      if (unknown.length === 0) return;
      // A failure is told to who asks for the keys: they are looked up again then.
      const coming = obtain(unknown, new Map())
        .catch(() => undefined)
        .finally(() => unknown.forEach((id) => expected.delete(id)));
      for (const id of unknown) expected.set(id, coming);
    },
  };
}
