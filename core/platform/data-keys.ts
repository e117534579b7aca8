/**
 * Keys of their own for what can be destroyed by itself: of each mention of a person, of a person's commitments, a dispute's texts, a
 * referral's words. Destroying the key forgets what it sealed, in every backup too (backups carry keys apart from data).
 */
import { createHmac } from 'node:crypto';
import { openUnder, randomKey, sealUnder } from './aes-gcm.ts';
import type { Queryable, Tx } from './db.ts';
import { AppError } from './errors.ts';
import { framed } from './hmac.ts';
import { wrappedBy, type Wrapping } from './keyring.ts';

export interface DataKey {
  /** Id of what it is the key of: `men_…`, `per_…`, `dsp_…`, `ref_…`. */
  readonly owner: string;
  /** AES-256-GCM; opens under the same context only, so that a cipher cannot stand in another column's place. */
  seal(plain: string | Buffer, context: string): Buffer;
  /** Throws INTERNAL when it was not sealed by this key under this context. */
  open(cipher: Buffer, context: string): Buffer;
  /** HMAC-SHA-256 under a key of its own, derived from this one: a commitment that nobody can check once it is destroyed. */
  mac(...parts: readonly string[]): Buffer;
}

export interface DataKeys {
  /** Makes those that are missing; two at once agree. Throws CONFLICT for an owner whose key was destroyed. */
  obtain(q: Queryable, owners: readonly string[]): Promise<ReadonlyMap<string, DataKey>>;
  /** By owner; absent: destroyed, or never made. */
  find(q: Queryable, owners: readonly string[]): Promise<ReadonlyMap<string, DataKey>>;
}

function createDataKey(owner: string, secret: Buffer): DataKey {
  let macKey: Buffer | undefined;
  return {
    owner,
    seal: (plain, context) => sealUnder(secret, plain, context),
    open(cipher, context) {
      try {
        return openUnder(secret, cipher, context);
      } catch (cause) {
        throw new AppError('INTERNAL', 'Sealed data cannot be opened: other key, other place, or damaged.', { cause });
      }
    },
    mac(...parts) {
      macKey ??= createHmac('sha256', secret).update('maplebridge/1/data-key.mac').digest();
      return createHmac('sha256', macKey).update(framed(parts)).digest();
    },
  };
}

/** A key as its row in `data_key` has it. */
export interface WrappedKey {
  readonly owner: string;
  readonly wrapped: Buffer;
}

export interface MadeKey extends WrappedKey {
  readonly key: DataKey;
}

/** Nothing that it seals may be stored unless `storeDataKeys` has stored it, in the same transaction. */
export function makeDataKey(wrapping: Wrapping, owner: string): MadeKey {
  const secret = randomKey();
  return { owner, wrapped: wrapping.wrap(secret, owner), key: createDataKey(owner, secret) };
}

/** From a row that was read along with what it seals. */
export const openDataKey = (wrapping: Wrapping, { owner, wrapped }: WrappedKey): DataKey =>
  createDataKey(owner, wrapping.unwrap(wrapped, owner));

/** What a statement selects as `wrapped` where it joins `data_key`: null when there is no row. */
export const isDestroyed = (wrapped: Buffer | null): boolean => wrapped?.length === 0;

/** The same key under the newest master key known. */
export const rewrap = (wrapping: Wrapping, key: WrappedKey): WrappedKey =>
  wrappedBy(key.wrapped) === wrapping.newest()
    ? key
    : { owner: key.owner, wrapped: wrapping.wrap(wrapping.unwrap(key.wrapped, key.owner), key.owner) };

// A master key that is no longer the newest wraps nothing new: its file may be gone tomorrow.
const STORE = `
with stored as (
  insert into data_key (id, wrapped)
  select id, wrapped from unnest($1::text[], $2::bytea[]) as n(id, wrapped)
  where $3 >= coalesce((select max(number) from data_key_master), 1)
  on conflict (id) do nothing returning 1)
select count(*) as count from stored`;

/** Returns how many were stored: the others are there already (perhaps destroyed), or a newer master key must wrap them. */
export async function storeDataKeys(q: Queryable, keys: readonly WrappedKey[]): Promise<number> {
  // In one order, so that no two wait for each other.
  const sorted = [...keys].sort((a, b) => (a.owner < b.owner ? -1 : 1));
  const { count } = await q.one<{ count: number }>(STORE, [
    sorted.map(({ owner }) => owner),
    sorted.map(({ wrapped }) => wrapped),
    Math.min(...sorted.map(({ wrapped }) => wrappedBy(wrapped))),
  ]);
  return count;
}

/** For keys made for something that is being stored: all of them, or the transaction must not go on. May succeed when done again. */
export async function storeAllDataKeys(q: Queryable, wrapping: Wrapping, keys: readonly WrappedKey[]): Promise<void> {
  if (keys.length === 0 || (await storeDataKeys(q, keys)) === keys.length) return;
  wrapping.refresh();
  const rewrapped = keys.map((key) => rewrap(wrapping, key));
  if (rewrapped.some((key, index) => key !== keys[index]) && (await storeDataKeys(q, rewrapped)) === keys.length)
    return;
  throw new AppError('CONFLICT', 'Its key was made or destroyed by somebody else at this moment; try again.', {
    retryable: true,
  });
}

const READ = 'select id as owner, wrapped from data_key where id = any($1)';

export async function readDataKeys(q: Queryable, owners: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  if (owners.length === 0) return new Map();
  const rows = await q.query<WrappedKey>(READ, [owners]);
  return new Map(rows.map(({ owner, wrapped }) => [owner, wrapped]));
}

const DESTROY = `
insert into data_key (id, wrapped, destroyed_at) select id, '', now() from unnest($1::text[]) as n(id) order by id
on conflict (id) do update set wrapped = '', destroyed_at = coalesce(data_key.destroyed_at, excluded.destroyed_at)`;

/** For ever: none is made for these owners again, whether they had one or not. */
export async function destroyDataKeys(tx: Tx, owners: readonly string[]): Promise<void> {
  if (owners.length > 0) await tx.query(DESTROY, [[...new Set(owners)]]);
}

export function createDataKeys(wrapping: Wrapping): DataKeys {
  const open = (owner: string, wrapped: Buffer): DataKey => openDataKey(wrapping, { owner, wrapped });

  async function makeMissing(q: Queryable, owners: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
    const made = owners.map((owner) => makeDataKey(wrapping, owner));
    if ((await storeDataKeys(q, made)) === owners.length)
      return new Map(made.map(({ owner, wrapped }) => [owner, wrapped]));
    return readDataKeys(q, owners);
  }

  return {
    async obtain(q, owners) {
      const wanted = [...new Set(owners)];
      const found = new Map(await readDataKeys(q, wanted));
      for (let attempt = 0; attempt < 2; attempt++) {
        const missing = wanted.filter((owner) => !found.has(owner));
        if (missing.length === 0) break;
        if (attempt > 0) wrapping.refresh();
        for (const [owner, wrapped] of await makeMissing(q, missing)) found.set(owner, wrapped);
      }
      const keys = new Map<string, DataKey>();
      for (const owner of wanted) {
        const wrapped = found.get(owner);
        if (wrapped === undefined)
          throw new AppError(
            'INTERNAL',
            'The newest master key is not in the folder named by MAPLEBRIDGE_KEYS; copy it there.',
            {
              retryable: true,
            },
          );
        if (isDestroyed(wrapped)) throw new AppError('CONFLICT', 'The key of this was destroyed; none is made again.');
        keys.set(owner, open(owner, wrapped));
      }
      return keys;
    },
    async find(q, owners) {
      const keys = new Map<string, DataKey>();
      for (const [owner, wrapped] of await readDataKeys(q, [...new Set(owners)]))
        if (!isDestroyed(wrapped)) keys.set(owner, open(owner, wrapped));
      return keys;
    },
  };
}
