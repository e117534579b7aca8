/**
 * Gives entries their places in the tree. Whoever does it holds the head's row: two at once wait for each other, and the second
 * goes on from what the first has left. What is taken are the entries without a leaf, however late they were committed.
 */
import type { Db, Tx } from '../platform/db.ts';
import { AppError } from '../platform/errors.ts';
import { appendTo, nodesFrom, TILE_WIDTH, type TileId } from './log/tile.ts';
import { EMPTY_ROOT, rootOf, type Hash } from './log/tree.ts';
import { startMonth } from './month.ts';
import { storedTiles, storeTiles } from './tile-store.ts';

export interface Head {
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
}

/** Entries a round: what is hashed in memory at once, and how long the head is held. */
const AT_ONCE = 4_096;

const FOUND = `insert into audit_head (origin, size, root, at, note, note_size) values ($1, 0, $2, $3, '', 0) on conflict do nothing`;
const HOLD = 'select origin, size, root from audit_head for update';

/** `\x00` before the bytes makes a leaf of them (RFC 9162, 2.1.1). */
const TAKE = `select id, sha256('\\x00'::bytea || bytes) as leaf from audit_entry order by id limit ${AT_ONCE}`;

const MOVE = `
with moved as (
  delete from audit_entry e using unnest($1::bigint[]) with ordinality as taken (id, place) where e.id = taken.id
  returning $2::bigint + taken.place - 1 as index, e.*
), leaf as (
  insert into audit_leaf (index, id, at, kind, actor_subject, actor_role, organisation_id, subject, bytes)
  select index, id, at, kind, actor_subject, actor_role, organisation_id, subject, bytes from moved
  returning index
), found_by as (
  insert into audit_about (about, index)
  select distinct named, index from moved cross join lateral unnest(about || subject) named
)
select count(*) as moved from leaf`;

const GROW = 'update audit_head set size = $1, root = $2, at = $3';

const holdHead = (tx: Tx): Promise<Head> => tx.one<Head>(HOLD, []);

/** The last tile of each level that has begun one. */
const edgesOf = (size: number): TileId[] => {
  const edges: TileId[] = [];
  for (let level = 0, width = size; width > 0; level++, width = Math.floor(width / TILE_WIDTH))
    edges.push({ level, index: Math.floor(width / TILE_WIDTH) });
  return edges;
};

async function grow(tx: Tx, now: Date): Promise<Head & { readonly taken: number }> {
  const head = await holdHead(tx);
  const entries = await tx.query<{ id: number; leaf: Hash }>(TAKE, []);
  if (entries.length === 0) return { ...head, taken: 0 };
  await startMonth(tx, now, head.size);
  const edges = await storedTiles(tx)(edgesOf(head.size));
  const leaves = entries.map(({ leaf }) => leaf);
  const tiles = appendTo(head.size, leaves, (level) => edges[level] ?? []);
  const { moved } = await tx.one<{ moved: number }>(MOVE, [entries.map(({ id }) => id), head.size]);
  // Somebody took entries away who does not hold the head: what is hashed would not be what is stored.
  if (moved !== entries.length) throw new AppError('INTERNAL', 'Entries of the audit log vanished.');
  await storeTiles(tx, tiles);
  const size = head.size + entries.length;
  const root = await rootOf(size, nodesFrom(storedTiles(tx)));
  await tx.query(GROW, [size, root, now]);
  return { origin: head.origin, size, root, taken: entries.length };
  // Crash here: nothing of it is stored, and the next round takes the same entries. After the commit: leaf, tiles and head are
  // stored together, and the next round publishes them.
}

/** The log's row, made when there is none. Its name is that of its first start, whatever the settings say later. */
export async function foundLog(db: Db, origin: string, now: Date): Promise<void> {
  await db.query(FOUND, [origin, EMPTY_ROOT, now]);
}

export interface Round {
  readonly head: Head;
  /** More are waiting, perhaps. */
  readonly isFull: boolean;
}

export const sequenceRound = (db: Db, now: Date): Promise<Round> =>
  db.tx(async (tx) => {
    const { taken, ...head } = await grow(tx, now);
    return { head, isFull: taken === AT_ONCE };
  });
