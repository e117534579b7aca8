/** Against the vectors that certificate-transparency implementations share, and against the RFC's own recursive definition. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { isConsistent, isIncluded } from './proof.ts';
import { leafHash, nodeHash, proveConsistency, proveInclusion, rootOf, type Hash, type NodeReader } from './tree.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

const PUBLISHED_ENTRIES = [
  ...['', '00', '10', '2021', '3031', '40414243', '5051525354555657'],
  '606162636465666768696a6b6c6d6e6f',
].map(hex);
const PUBLISHED_ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

/** Perfect subtrees by hashing all their leaves anew. */
const readerOf =
  (leaves: readonly Hash[]): NodeReader =>
  async (nodes) =>
    nodes.map(({ level, index }) => {
      const width = 2 ** level;
      const below = leaves.slice(index * width, (index + 1) * width);
      if (below.length !== width) throw new Error(`Node ${level}/${index} is not whole.`);
      return naiveRoot(below);
    });

/** 2.1.1, word for word. */
function naiveRoot(leaves: readonly Hash[]): Hash {
  if (leaves.length === 0) return createHash('sha256').digest();
  if (leaves.length === 1) return leaves[0] as Hash;
  const split = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return nodeHash(naiveRoot(leaves.slice(0, split)), naiveRoot(leaves.slice(split)));
}

const leavesOf = (size: number): Hash[] =>
  Array.from({ length: size }, (_, index) => leafHash(Buffer.from(`${index}`)));
const MOST = 40;
const leaves = leavesOf(MOST);
const read = readerOf(leaves);
const roots = Array.from({ length: MOST + 1 }, (_, size) => naiveRoot(leaves.slice(0, size)));
const rootAt = (size: number): Hash => roots[size] as Hash;

it.each(PUBLISHED_ROOTS.map((root, size) => [size, root] as const))(
  'has the published root at size %i',
  async (size, root) => {
    const published = PUBLISHED_ENTRIES.map(leafHash);
    expect((await rootOf(size, readerOf(published))).toString('hex')).toBe(root);
  },
);

it('has the root of the recursive definition at every size', async () => {
  for (let size = 0; size <= MOST; size++) expect(await rootOf(size, read)).toEqual(rootAt(size));
});

it('proves every leaf in every size, and a proof proves nothing else', async () => {
  for (let size = 1; size <= MOST; size++) {
    for (let index = 0; index < size; index++) {
      const proof = await proveInclusion(index, size, read);
      const claim = { leaf: leaves[index] as Hash, index, size, root: rootAt(size), proof };
      expect(isIncluded(claim)).toBe(true);
      expect(isIncluded({ ...claim, leaf: leafHash(Buffer.from('another')) })).toBe(false);
      expect(isIncluded({ ...claim, root: rootAt(size - 1) })).toBe(false);
      expect(isIncluded({ ...claim, proof: [...proof, leaves[0] as Hash] })).toBe(false);
      if (proof.length > 0) expect(isIncluded({ ...claim, proof: proof.slice(1) })).toBe(false);
      // The place counts too: the same hashes do not prove the leaf elsewhere.
      for (const other of [index - 1, index + 1, size])
        if (other !== index) expect(isIncluded({ ...claim, index: other })).toBe(false);
    }
  }
});

it('proves that every size begins with every smaller one, and with no other', async () => {
  for (let size = 1; size <= MOST; size++) {
    for (let older = 1; older <= size; older++) {
      const proof = await proveConsistency(older, size, read);
      const claim = {
        older: { size: older, root: rootAt(older) },
        newer: { size, root: rootAt(size) },
        proof,
      };
      expect(isConsistent(claim)).toBe(true);
      const forged = leafHash(Buffer.from('another'));
      expect(isConsistent({ ...claim, older: { size: older, root: forged } })).toBe(false);
      expect(isConsistent({ ...claim, newer: { size, root: forged } })).toBe(false);
      expect(isConsistent({ ...claim, proof: [...proof, forged] })).toBe(false);
      if (proof.length > 0) expect(isConsistent({ ...claim, proof: proof.slice(1) })).toBe(false);
      if (older < size) expect(isConsistent({ ...claim, older: { size: older + 1, root: rootAt(older) } })).toBe(false);
    }
  }
});

it('says what it was asked wrongly', async () => {
  await expect(proveInclusion(5, 5, read)).rejects.toThrow('A log of 5 has no entry 5.');
  await expect(proveConsistency(6, 5, read)).rejects.toThrow('A log of 5 has no past of size 6.');
  await expect(proveConsistency(0, 5, read)).rejects.toThrow('A log of 5 has no past of size 0.');
});
