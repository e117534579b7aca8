/**
 * The tree in tiles, as C2SP tlog-tiles has them: 256 hashes side by side, each the root of a whole tile one level below (or of a
 * leaf). A whole tile never changes; the last one of a level is partial and grows. Nodes between are worked out from them.
 */
import { nodeHash, type Hash, type NodeId, type NodeReader } from './tree.ts';

const HEIGHT = 8;
export const TILE_WIDTH = 2 ** HEIGHT;
const HASH_BYTES = 32;

/** `level` counts tiles upwards from the leaves; `index` counts them from the left. */
export interface TileId {
  readonly level: number;
  readonly index: number;
}

/** The hashes that a tile holds so far, at most 256. Absent: there is no such tile yet. */
export type TileReader = (tiles: readonly TileId[]) => Promise<readonly (readonly Hash[])[]>;

export interface Tile extends TileId {
  readonly hashes: readonly Hash[];
}

export const writeHashes = (hashes: readonly Hash[]): Buffer => Buffer.concat(hashes);
export const readHashes = (bytes: Buffer): Hash[] =>
  Array.from({ length: bytes.length / HASH_BYTES }, (_, at) => bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));

/** How many hashes the tile holds in a log of `size`: 0 to 256. */
export const widthIn = (size: number, { level, index }: TileId): number =>
  Math.min(TILE_WIDTH, Math.max(0, Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH));

const PATH = /^((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** `x001/x234/067` or `067.p/5`: three digits a step, so that no folder grows large. */
export function tilePath(index: number, width: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return width === TILE_WIDTH ? path : `${path}.p/${width}`;
}

/** Null for what is no tile's path, or is not how that tile is written. */
export function parseTilePath(path: string): { readonly index: number; readonly width: number } | null {
  const found = PATH.exec(path);
  if (!found) return null;
  const index = Number((found[1] ?? '').replace(/[x/]/g, ''));
  const width = found[2] === undefined ? TILE_WIDTH : Number(found[2]);
  return Number.isSafeInteger(index) && tilePath(index, width) === path ? { index, width } : null;
}

/** The root of a run of hashes whose length is a power of two. */
function perfectRoot(hashes: readonly Hash[]): Hash {
  let row = hashes;
  while (row.length > 1)
    row = Array.from({ length: row.length / 2 }, (_, at) => nodeHash(row[2 * at] as Hash, row[2 * at + 1] as Hash));
  return row[0] as Hash;
}

const tileOf = ({ level, index }: NodeId): { tile: TileId; begin: number; count: number } => {
  const within = level % HEIGHT;
  const count = 2 ** within;
  const first = index * count;
  return {
    tile: { level: (level - within) / HEIGHT, index: Math.floor(first / TILE_WIDTH) },
    begin: first % TILE_WIDTH,
    count,
  };
};

const keyOf = ({ level, index }: TileId): string => `${level}/${index}`;

/** Nodes of the tree out of its tiles; each tile is read once. */
export const nodesFrom =
  (readTiles: TileReader): NodeReader =>
  async (nodes) => {
    const places = nodes.map(tileOf);
    const wanted = new Map(places.map(({ tile }) => [keyOf(tile), tile]));
    const tiles = await readTiles([...wanted.values()]);
    const byKey = new Map([...wanted.keys()].map((key, at) => [key, tiles[at] ?? []]));
    return places.map(({ tile, begin, count }) => {
      const hashes = (byKey.get(keyOf(tile)) ?? []).slice(begin, begin + count);
      if (hashes.length !== count) throw new Error(`Tile ${keyOf(tile)} has fewer hashes than its log.`);
      return perfectRoot(hashes);
    });
  };

/**
 * The tiles that change when leaves are appended, as they are afterwards. `edge` gives the last tile of a level as it is, without
 * hashes when that level has none, or its last is whole.
 */
export function appendTo(size: number, leaves: readonly Hash[], edge: (level: number) => readonly Hash[]): Tile[] {
  const changed: Tile[] = [];
  let added = leaves;
  for (let level = 0; added.length > 0; level++) {
    const before = Math.floor(size / TILE_WIDTH ** level);
    const first = Math.floor(before / TILE_WIDTH);
    const row = [...(before % TILE_WIDTH === 0 ? [] : edge(level)), ...added];
    const whole: Hash[] = [];
    for (let at = 0; at < row.length; at += TILE_WIDTH) {
      const hashes = row.slice(at, at + TILE_WIDTH);
      changed.push({ level, index: first + at / TILE_WIDTH, hashes });
      if (hashes.length === TILE_WIDTH) whole.push(perfectRoot(hashes));
    }
    added = whole;
  }
  return changed;
}
