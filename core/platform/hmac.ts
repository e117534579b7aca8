import { hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** Of one UTF-16 code unit. */
const MOST_UTF8_BYTES = 3;

/**
 * HMAC-SHA-256 (RFC 2104) of texts under one key, of two one-shot hashes: reading in makes millions, and an Hmac object for
 * each costs more, in the collector too, than the hashing itself.
 */
export function createHmacOf(key: Buffer): (text: string) => Buffer {
  const padded = (byte: number, more: number): Buffer => {
    const block = Buffer.alloc(BLOCK_BYTES + more, byte);
    for (let index = 0; index < key.length; index++) block[index] = byte ^ (key[index] ?? 0);
    return block;
  };
  let inner = padded(0x36, 1_024);
  const outer = padded(0x5c, DIGEST_BYTES);
  return (text) => {
    const room = text.length * MOST_UTF8_BYTES;
    if (BLOCK_BYTES + room > inner.length) inner = padded(0x36, room);
    const end = BLOCK_BYTES + inner.write(text, BLOCK_BYTES);
    outer.write(hash('sha256', inner.subarray(0, end), 'binary'), BLOCK_BYTES, 'binary');
    // By way of a string into Node's pool, which small buffers share.
    return Buffer.from(hash('sha256', outer, 'binary'), 'binary');
  };
}

/** Lengths go in as well, so that ('ab','c') and ('a','bc') differ. */
export function framed(parts: readonly string[]): string {
  let text = '';
  for (const part of parts) text += `${Buffer.byteLength(part)}:${part}`;
  return text;
}
