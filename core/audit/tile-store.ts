/** The log's tiles as they are stored. */
import type { Queryable } from '../platform/db.ts';
import { readHashes, writeHashes, type Tile, type TileId, type TileReader } from './log/tile.ts';

const READ = `
select t.hashes from unnest($1::smallint[], $2::bigint[]) with ordinality as asked (level, index, place)
left join audit_tile t on t.level = asked.level and t.index = asked.index order by place`;

/** Of a log that has grown meanwhile a tile may hold more hashes than the size that is asked about. */
export const storedTiles =
  (q: Queryable): TileReader =>
  async (tiles: readonly TileId[]) => {
    if (tiles.length === 0) return [];
    const rows = await q.query<{ hashes: Buffer | null }>(READ, [
      tiles.map(({ level }) => level),
      tiles.map(({ index }) => index),
    ]);
    return rows.map(({ hashes }) => (hashes ? readHashes(hashes) : []));
  };

const STORE = `
insert into audit_tile (level, index, hashes) select * from unnest($1::smallint[], $2::bigint[], $3::bytea[])
on conflict (level, index) do update set hashes = excluded.hashes`;

export async function storeTiles(q: Queryable, tiles: readonly Tile[]): Promise<void> {
  await q.query(STORE, [
    tiles.map(({ level }) => level),
    tiles.map(({ index }) => index),
    tiles.map(({ hashes }) => writeHashes(hashes)),
  ]);
}
