import { randomFillSync } from 'node:crypto';

/** What an id stands for, readable in logs and webhooks: `dsp_01j…`. */
export type IdPrefix =
  | 'org'
  | 'per'
  | 'rec'
  | 'men'
  | 'dsp'
  | 'rvw'
  | 'req'
  | 'ref'
  | 'evt'
  | 'msg'
  | 'whe'
  | 'dlv'
  | 'exp'
  | 'era'
  | 'joi'
  | 'dlp';

// Crockford's base 32 in lower case: no letters that are read for another.
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

const encode = (bytes: Uint8Array): string => {
  let bits = 0;
  let value = 0;
  let text = '';
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(value >>> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET[(value << (5 - bits)) & 31] : text;
};

const RANDOM_BYTES = 10;
/** Asking for ten bytes costs nearly as much as asking for thousands; each is used once. */
const pool = Buffer.alloc(1_000 * RANDOM_BYTES);
let used = pool.length;

function takeRandom(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += RANDOM_BYTES;
  return pool.subarray(used - RANDOM_BYTES, used);
}

/** A new id: 48 bits of time, so that new rows lie together in an index, and 80 random bits. */
export function newId(prefix: IdPrefix, now: Date): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(now.getTime(), 0, 6);
  takeRandom().copy(bytes, 6);
  return `${prefix}_${encode(bytes)}`;
}

/** The same id for the same keyed hash, so that reading a record in twice finds its row. Says nothing of what was hashed. */
export const idFromHash = (prefix: IdPrefix, hash: Buffer): string => `${prefix}_${encode(hash.subarray(0, 16))}`;
