/**
 * A client of a transparency log, written from the texts of C2SP (signed-note, tlog-checkpoint, tlog-tiles) and RFC 9162 alone. It
 * shares no code with the log on purpose: what both get wrong in the same way would not be found.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';

export interface TlogCheckpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

type Get = (path: string) => Promise<{ readonly status: number; readonly bytes: Buffer }>;

const hashOf = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  parts.forEach((part) => hash.update(part));
  return hash.digest();
};

/** signed-note: "The note text MUST end in newline … signature lines, each an em dash, a space, the key name, a space, base64." */
export function readCheckpoint(note: string, vkey: string): TlogCheckpoint {
  const plus = vkey.trim().split('+');
  const [name, keyHash] = plus;
  const key = Buffer.from(plus.slice(2).join('+'), 'base64');
  if (key[0] !== 0x01) throw new Error('not an Ed25519 key');
  // Key ID: SHA-256(key name || 0x0A || signature type || public key)[:4].
  const id = hashOf(Buffer.from(`${name}\n`), key).subarray(0, 4);
  if (id.toString('hex') !== keyHash) throw new Error('the key has another id');
  const split = note.lastIndexOf('\n\n');
  const text = note.slice(0, split + 1);
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key.subarray(1)]);
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
  const signed = note
    .slice(split + 2)
    .split('\n')
    .some((line) => {
      const [dash, signer, encoded = ''] = line.split(' ');
      const bytes = Buffer.from(encoded, 'base64');
      return (
        dash === '\u2014' &&
        signer === name &&
        bytes.subarray(0, 4).equals(id) &&
        verify(null, Buffer.from(text), publicKey, bytes.subarray(4))
      );
    });
  if (!signed) throw new Error('the log has not signed it');
  const [origin = '', size = '', root = ''] = text.split('\n');
  if (!/^(0|[1-9][0-9]*)$/.test(size)) throw new Error('the size is not a decimal number');
  return { origin, size: Number(size), root: Buffer.from(root, 'base64') };
}

/** tlog-tiles: the index is "encoded into 3-digit path elements; all but the last begin with an x", a partial tile ends in ".p/<W>". */
function pathOf(index: number, width: number): string {
  let path = String(index % 1000).padStart(3, '0');
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`;
  return width === 256 ? path : `${path}.p/${width}`;
}

const tilesOf = (count: number): { index: number; width: number }[] =>
  Array.from({ length: Math.ceil(count / 256) }, (_, index) => ({
    index,
    width: Math.min(256, count - index * 256),
  }));

async function read(get: Get, path: string): Promise<Buffer> {
  const { status, bytes } = await get(path);
  if (status !== 200) throw new Error(`${path} is ${status}`);
  return bytes;
}

/** Merkle Tree Hash (RFC 9162, 2.1.1) over hashes of leaves. */
function treeHash(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (only === undefined) return hashOf();
  if (leaves.length === 1) return only;
  let k = 1;
  while (k < leaves.length / 2) k *= 2;
  return hashOf(Buffer.of(1), treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)));
}

const chunks = (bytes: Buffer): Buffer[] =>
  Array.from({ length: bytes.length / 32 }, (_, at) => bytes.subarray(at * 32, at * 32 + 32));

/** Hashes of all leaves, from the tiles of level 0. */
export async function readLeaves(get: Get, size: number): Promise<Buffer[]> {
  const tiles = await Promise.all(tilesOf(size).map(({ index, width }) => read(get, `tile/0/${pathOf(index, width)}`)));
  return tiles.flatMap(chunks);
}

/** Every tile above the leaves must be what the tiles below it make. Returns the root. */
export async function checkTiles(get: Get, size: number): Promise<Buffer> {
  const leaves = await readLeaves(get, size);
  let below = leaves;
  for (let level = 1; below.length >= 256; level++) {
    const here: Buffer[] = [];
    for (let at = 0; at + 256 <= below.length; at += 256) here.push(treeHash(below.slice(at, at + 256)));
    for (const { index, width } of tilesOf(here.length)) {
      const tile = chunks(await read(get, `tile/${level}/${pathOf(index, width)}`));
      tile.forEach((hash, at) => {
        if (!hash.equals(here[index * 256 + at] ?? Buffer.alloc(0))) throw new Error(`tile ${level}/${index} is wrong`);
      });
    }
    below = here;
  }
  return treeHash(leaves);
}

/** Entry bundles: "big-endian uint16 length-prefixed log entries". */
export async function readEntries(get: Get, size: number): Promise<Buffer[]> {
  const entries: Buffer[] = [];
  for (const { index, width } of tilesOf(size)) {
    const bundle = await read(get, `tile/entries/${pathOf(index, width)}`);
    for (let at = 0; at < bundle.length;) {
      const length = bundle.readUInt16BE(at);
      entries.push(bundle.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  return entries;
}

export const leafOf = (entry: Uint8Array): Buffer => hashOf(Buffer.of(0), entry);
