/**
 * The hash tree of RFC 9162 (section 2.1), as pure functions. A tree is named by its size: the same log at size n is the same
 * tree for ever. `NodeReader` gives the hash of a perfect subtree; whoever stores them decides how.
 */
import { hash } from 'node:crypto';

export type Hash = Buffer;

/** In one call: a hash object for each of a proof's thousand nodes costs more to throw away than to fill. */
const sha256 = (...parts: readonly Uint8Array[]): Hash => hash('sha256', Buffer.concat(parts), 'buffer');

const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

export const EMPTY_ROOT: Hash = sha256();
export const leafHash = (entry: Uint8Array): Hash => sha256(LEAF, entry);
export const nodeHash = (left: Hash, right: Hash): Hash => sha256(NODE, left, right);

/** The perfect subtree of 2^level leaves that begins at leaf index · 2^level; level 0 are the leaves' own hashes. */
export interface NodeId {
  readonly level: number;
  readonly index: number;
}
export type NodeReader = (nodes: readonly NodeId[]) => Promise<readonly Hash[]>;

/** Begin and end of a run of leaves, the end left out. */
interface Range {
  readonly begin: number;
  readonly end: number;
}

/** The largest power of two below `size`; `size` at least 2. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** Perfect subtrees, left to right, that make up a run which begins where its largest subtree may begin. */
function subtreesOf({ begin, end }: Range): NodeId[] {
  const nodes: NodeId[] = [];
  let at = begin;
  while (at < end) {
    let level = 0;
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= end) level += 1;
    nodes.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return nodes;
}

/** Of subtrees from left to right, each smaller than the one before. */
const fold = (hashes: readonly Hash[]): Hash => hashes.reduceRight((right, left) => nodeHash(left, right));

async function hashesOf(runs: readonly Range[], read: NodeReader): Promise<Hash[]> {
  const subtrees = runs.map(subtreesOf);
  const hashes = await read(subtrees.flat());
  let at = 0;
  return subtrees.map((nodes) => fold(hashes.slice(at, (at += nodes.length))));
}

export async function rootOf(size: number, read: NodeReader): Promise<Hash> {
  if (size === 0) return EMPTY_ROOT;
  const [root] = await hashesOf([{ begin: 0, end: size }], read);
  return root as Hash;
}

/** Runs whose hashes prove that leaf `index` stands in the tree of `size`, the nearest first (2.1.3.1). */
function inclusionRuns(index: number, { begin, end }: Range): Range[] {
  if (end - begin === 1) return [];
  const middle = begin + splitOf(end - begin);
  return index < middle
    ? [...inclusionRuns(index, { begin, end: middle }), { begin: middle, end }]
    : [...inclusionRuns(index, { begin: middle, end }), { begin, end: middle }];
}

export const proveInclusion = (index: number, size: number, read: NodeReader): Promise<Hash[]> =>
  index >= 0 && index < size
    ? hashesOf(inclusionRuns(index, { begin: 0, end: size }), read)
    : Promise.reject(new RangeError(`A log of ${size} has no entry ${index}.`));

/** Runs whose hashes prove that the tree of `size` begins with the one of `older` (2.1.4.1). `whole`: the older one is known. */
function consistencyRuns(older: number, { begin, end }: Range, whole: boolean): Range[] {
  if (older === end) return whole ? [] : [{ begin, end }];
  const middle = begin + splitOf(end - begin);
  return older <= middle
    ? [...consistencyRuns(older, { begin, end: middle }, whole), { begin: middle, end }]
    : [...consistencyRuns(older, { begin: middle, end }, false), { begin, end: middle }];
}

export const proveConsistency = (older: number, size: number, read: NodeReader): Promise<Hash[]> =>
  older > 0 && older <= size
    ? hashesOf(consistencyRuns(older, { begin: 0, end: size }, true), read)
    : Promise.reject(new RangeError(`A log of ${size} has no past of size ${older}.`));
