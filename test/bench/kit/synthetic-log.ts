/** A log of any size without its entries: only the tiles, as they would be if there had been so many. */
import { hash } from 'node:crypto';
import type { Db } from '../../../core/platform/db.ts';
import { appendTo, TILE_WIDTH, type Tile } from '../../../core/audit/log/tile.ts';
import type { Hash } from '../../../core/audit/log/tree.ts';
import { storeTiles } from '../../../core/audit/tile-store.ts';

/** Whole leaf tiles at once: 2 MB of hashes. */
const AT_ONCE = 256 * TILE_WIDTH;

export async function storeSyntheticLog(db: Db, size: number): Promise<void> {
  const edges = new Map<number, readonly Hash[]>();
  for (let from = 0; from < size; from += AT_ONCE) {
    const leaves = Array.from({ length: Math.min(AT_ONCE, size - from) }, (_, at) =>
      hash('sha256', String(from + at), 'buffer'),
    );
    const tiles: Tile[] = appendTo(from, leaves, (level) => edges.get(level) ?? []);
    for (const { level, hashes } of tiles) edges.set(level, hashes.length === TILE_WIDTH ? [] : hashes);
    await storeTiles(db, tiles);
  }
  await db.query(
    `insert into audit_head (origin, size, root, at, note, note_size) values ('synthetic', $1, '', now(), 'none', $1)`,
    [size],
  );
}
