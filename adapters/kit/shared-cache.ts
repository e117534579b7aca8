/** Where processes share last good answers: sealed values under hashed keys. Losing all of it loses nothing. */
import type { Redis } from 'ioredis';
import type { SourceCode } from '../../core/department.ts';
import type { Queryable } from '../../core/platform/db.ts';

export interface SharedEntry {
  readonly keyHash: Buffer;
  readonly cipher: Buffer;
}

export interface SharedCache {
  /** Those that are there, in any order. */
  getMany(source: SourceCode, keyHashes: readonly Buffer[]): Promise<readonly SharedEntry[]>;
  putMany(source: SourceCode, entries: readonly SharedEntry[], storedAt: Date, keepMs: number): Promise<void>;
}

const SWEEP_EVERY_MS = 10 * 60 * 1_000;

/** In table `read_cache`. */
export function createPostgresCache(db: Queryable): SharedCache {
  const sweptAt = new Map<SourceCode, number>();
  return {
    async getMany(source, keyHashes) {
      const rows = await db.query<{ key_hash: Buffer; cipher: Buffer }>(
        'select key_hash, cipher from read_cache where source = $1 and key_hash = any($2::bytea[])',
        [source, keyHashes],
      );
      return rows.map((row) => ({ keyHash: row.key_hash, cipher: row.cipher }));
    },
    async putMany(source, entries, storedAt, keepMs) {
      // Sorted, so that two processes writing the same keys take their locks in one order.
      const sorted = [...entries].sort((a, b) => Buffer.compare(a.keyHash, b.keyHash));
      await db.query(
        `insert into read_cache (source, key_hash, cipher, stored_at)
         select $1, key_hash, cipher, $4 from unnest($2::bytea[], $3::bytea[]) as t (key_hash, cipher)
         on conflict (source, key_hash) do update set cipher = excluded.cipher, stored_at = excluded.stored_at
         where read_cache.stored_at <= excluded.stored_at`,
        [source, sorted.map((entry) => entry.keyHash), sorted.map((entry) => entry.cipher), storedAt],
      );
      const now = storedAt.getTime();
      if (now - (sweptAt.get(source) ?? 0) < SWEEP_EVERY_MS) return;
      sweptAt.set(source, now);
      await db.query('delete from read_cache where source = $1 and stored_at < $2', [source, new Date(now - keepMs)]);
    },
  };
}

/** In Redis or Valkey; a department's entries share a hash tag, so that they are read by one MGET in a cluster too. */
export function createRedisCache(redis: Pick<Redis, 'mgetBuffer' | 'pipeline'>): SharedCache {
  const keyOf = (source: SourceCode, keyHash: Buffer): string =>
    `mb:cache:{${source}}:${keyHash.toString('base64url')}`;
  return {
    async getMany(source, keyHashes) {
      if (keyHashes.length === 0) return [];
      const ciphers = await redis.mgetBuffer(...keyHashes.map((keyHash) => keyOf(source, keyHash)));
      return ciphers.flatMap((cipher, index) => {
        const keyHash = keyHashes[index];
        return cipher === null || keyHash === undefined ? [] : [{ keyHash, cipher }];
      });
    },
    async putMany(source, entries, _storedAt, keepMs) {
      const pipeline = redis.pipeline();
      for (const entry of entries) pipeline.set(keyOf(source, entry.keyHash), entry.cipher, 'PX', keepMs);
      const results = (await pipeline.exec()) ?? [];
      const failed = results.find(([error]) => error !== null)?.[0];
      if (failed) throw failed;
    },
  };
}
