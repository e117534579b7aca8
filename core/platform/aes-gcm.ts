/** AES-256-GCM as everything here uses it: twelve random bytes, the cipher, the tag. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Random bytes are dear one by one: reading in seals thousands of fields a second, many under keys made for them. */
let pool = Buffer.alloc(0);

/** Each byte is given out once. */
function takeRandom(bytes: number): Buffer {
  if (pool.length < bytes) pool = randomBytes(16_384);
  const taken = pool.subarray(0, bytes);
  pool = pool.subarray(bytes);
  return taken;
}

/** In memory of its own: small buffers are cut from blocks of thousands of bytes, which one that is kept would hold on to. */
export function unpooled(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

export const randomKey = (): Buffer => unpooled(takeRandom(KEY_BYTES));

/** `context` (a row's id, say) must be the same to open it, so that a cipher cannot be moved elsewhere. */
export function sealUnder(key: Buffer, plain: string | Buffer, context: string): Buffer {
  const iv = takeRandom(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context));
  const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain);
  return Buffer.concat([iv, body, cipher.final(), cipher.getAuthTag()]);
}

/** Throws when the bytes were not sealed by this key under this context. */
export function openUnder(key: Buffer, sealed: Buffer, context: string): Buffer {
  if (sealed.length < IV_BYTES + TAG_BYTES) throw new Error('too short');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES))
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const body = decipher.update(sealed.subarray(IV_BYTES, sealed.length - TAG_BYTES));
  return Buffer.concat([body, decipher.final()]);
}
