import { expect, it } from 'vitest';
import {
  appendTo,
  nodesFrom,
  parseTilePath,
  tilePath,
  TILE_WIDTH,
  widthIn,
  type Tile,
  type TileReader,
} from './tile.ts';
import { isConsistent, isIncluded } from './proof.ts';
import { leafHash, nodeHash, proveConsistency, proveInclusion, rootOf, type Hash } from './tree.ts';

/** Tiles as a store keeps them. */
function createTiles() {
  const tiles = new Map<string, readonly Hash[]>();
  let size = 0;
  const read: TileReader = async (wanted) => wanted.map(({ level, index }) => tiles.get(`${level}/${index}`) ?? []);
  return {
    read,
    nodes: nodesFrom(read),
    append(leaves: readonly Hash[]): Tile[] {
      const edge = (level: number): readonly Hash[] =>
        tiles.get(`${level}/${Math.floor(size / TILE_WIDTH ** (level + 1))}`) ?? [];
      const changed = appendTo(size, leaves, edge);
      for (const { level, index, hashes } of changed) tiles.set(`${level}/${index}`, hashes);
      size += leaves.length;
      return changed;
    },
    widths: () => new Map([...tiles].map(([key, hashes]) => [key, hashes.length])),
  };
}

function naiveRoot(leaves: readonly Hash[]): Hash {
  if (leaves.length === 1) return leaves[0] as Hash;
  const split = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return nodeHash(naiveRoot(leaves.slice(0, split)), naiveRoot(leaves.slice(split)));
}

const leaf = (index: number): Hash => leafHash(Buffer.from(`${index}`));

it('is the same tree whatever the portions in which it grew', async () => {
  const all = Array.from({ length: 70_000 }, (_, index) => leaf(index));
  for (const portions of [[70_000], [1, 255, 1, 256, 300, 65_023, 4_164], [65_535, 1, 1, 4_463]]) {
    const tiles = createTiles();
    let size = 0;
    for (const portion of portions) {
      tiles.append(all.slice(size, size + portion));
      size += portion;
      // The naive one hashes everything again: of the large ones only the last.
      if (size < 1_000 || size === all.length)
        expect(await rootOf(size, tiles.nodes)).toEqual(naiveRoot(all.slice(0, size)));
    }
    for (const [key, width] of tiles.widths()) {
      const [level, index] = key.split('/').map(Number) as [number, number];
      expect([key, width]).toEqual([key, widthIn(size, { level, index })]);
    }
  }
});

it('touches nothing but the last tile of a level and new ones', () => {
  const tiles = createTiles();
  tiles.append(Array.from({ length: 600 }, (_, index) => leaf(index)));
  const changed = tiles.append([leaf(600)]);
  expect(changed.map(({ level, index, hashes }) => [level, index, hashes.length])).toEqual([[0, 2, 89]]);
});

it('proves out of tiles alone', async () => {
  const tiles = createTiles();
  const size = 66_000;
  tiles.append(Array.from({ length: size }, (_, index) => leaf(index)));
  const root = await rootOf(size, tiles.nodes);
  for (const index of [0, 255, 256, 65_535, 65_536, size - 1]) {
    const proof = await proveInclusion(index, size, tiles.nodes);
    expect(isIncluded({ leaf: leaf(index), index, size, root, proof })).toBe(true);
  }
  for (const older of [1, 255, 256, 257, 65_536, 65_537, size]) {
    const proof = await proveConsistency(older, size, tiles.nodes);
    const past = { size: older, root: await rootOf(older, tiles.nodes) };
    expect(isConsistent({ older: past, newer: { size, root }, proof })).toBe(true);
  }
});

it('refuses to guess at what a tile does not hold', async () => {
  const tiles = createTiles();
  tiles.append([leaf(0)]);
  await expect(rootOf(2, tiles.nodes)).rejects.toThrow('Tile 0/0 has fewer hashes than its log.');
});

it.each([
  [0, TILE_WIDTH, '000'],
  [67, 5, '067.p/5'],
  [999, TILE_WIDTH, '999'],
  [1_000, 255, 'x001/000.p/255'],
  [1_234_067, TILE_WIDTH, 'x001/x234/067'],
])('writes tile %i of width %i as %s, and reads it so', (index, width, path) => {
  expect(tilePath(index, width)).toBe(path);
  expect(parseTilePath(path)).toEqual({ index, width });
});

it.each([
  '',
  '1',
  '0001',
  'x000/001',
  'x001/1',
  '001.p/0',
  '001.p/256',
  '001.p/05',
  '../001',
  '001/',
  'x001',
  '001.p/',
  '001.p/1000',
  '001.p/5\n',
  'x001/067/',
])('takes %j for no path of a tile', (path) => expect(parseTilePath(path)).toBeNull());
