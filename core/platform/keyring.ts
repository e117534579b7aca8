/**
 * The installation's keys. One master key; everything else is derived from it by HKDF under a name, so that a key leaked
 * from one use opens no other. The folder comes from MAPLEBRIDGE_KEYS; the demo makes its own on first start.
 */
import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from './errors.ts';

/** What a key is for. Derived keys of different uses are independent. */
export type KeyUse =
  | 'index.hash'
  | 'index.cipher'
  | 'cache'
  | 'drop'
  | 'cursor'
  | 'idempotency'
  | 'referral'
  | 'webhook'
  | 'disclosure'
  | `grant.${string}`
  | `subgraph.${string}`;

export interface Keyring {
  /** 32 bytes for a use. */
  key(use: KeyUse): Buffer;
  /** HMAC-SHA-256: equal inputs can be found again, nothing can be read back. */
  hash(use: KeyUse, ...parts: readonly string[]): Buffer;
  /** AES-256-GCM; `context` (a row's id, say) must be the same to open it, so that a cipher cannot be moved elsewhere. */
  seal(use: KeyUse, plain: string | Buffer, context: string): Buffer;
  /** Throws INTERNAL when the bytes were not sealed by this key under this context. */
  open(use: KeyUse, cipher: Buffer, context: string): Buffer;
}

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** Of one UTF-16 code unit. */
const MOST_UTF8_BYTES = 3;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * HMAC-SHA-256 (RFC 2104) of texts under one key, of two one-shot hashes: reading in makes millions, and an Hmac object for
 * each costs more, in the collector too, than the hashing itself.
 */
function createHmacOf(key: Buffer): (text: string) => Buffer {
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

export function createKeyring(master: Buffer): Keyring {
  if (master.length !== 32) throw new AppError('INTERNAL', 'The master key must be 32 bytes.');
  const keys = new Map<string, Buffer>();
  const key = (use: KeyUse): Buffer => {
    let derived = keys.get(use);
    if (!derived) {
      derived = Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `maplebridge/1/${use}`, 32));
      keys.set(use, derived);
    }
    return derived;
  };
  const hmacs = new Map<KeyUse, (text: string) => Buffer>();
  const hmac = (use: KeyUse): ((text: string) => Buffer) => {
    let made = hmacs.get(use);
    if (!made) hmacs.set(use, (made = createHmacOf(key(use))));
    return made;
  };
  // Random bytes are dear one by one: reading in seals thousands of fields a second.
  let ivs = Buffer.alloc(0);
  const nextIv = (): Buffer => {
    if (ivs.length < IV_BYTES) ivs = randomBytes(IV_BYTES * 512);
    const iv = ivs.subarray(0, IV_BYTES);
    ivs = ivs.subarray(IV_BYTES);
    return iv;
  };
  return {
    key,
    hash(use, ...parts) {
      // Lengths go in as well, so that ('ab','c') and ('a','bc') differ.
      let framed = '';
      for (const part of parts) framed += `${Buffer.byteLength(part)}:${part}`;
      return hmac(use)(framed);
    },
    seal(use, plain, context) {
      const iv = nextIv();
      const cipher = createCipheriv('aes-256-gcm', key(use), iv).setAAD(Buffer.from(context));
      const body = Buffer.concat([
        typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain),
        cipher.final(),
      ]);
      return Buffer.concat([iv, body, cipher.getAuthTag()]);
    },
    open(use, sealed, context) {
      try {
        if (sealed.length < IV_BYTES + TAG_BYTES) throw new Error('too short');
        const decipher = createDecipheriv('aes-256-gcm', key(use), sealed.subarray(0, IV_BYTES))
          .setAAD(Buffer.from(context))
          .setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
        const body = sealed.subarray(IV_BYTES, sealed.length - TAG_BYTES);
        return Buffer.concat([decipher.update(body), decipher.final()]);
      } catch (cause) {
        throw new AppError('INTERNAL', `Sealed data for ${use} cannot be opened: other key, other place, or damaged.`, {
          cause,
        });
      }
    },
  };
}

export const MASTER_FILE = 'master.key';

/** Reads the folder's master key (64 hex digits). With `create`, makes the folder and a new key when there is none. */
export function loadKeyring(folder: string, options: { readonly create: boolean }): Keyring {
  const file = join(folder, MASTER_FILE);
  if (!existsSync(file)) {
    if (!options.create) {
      throw new AppError(
        'INTERNAL',
        `No ${MASTER_FILE} in the folder named by MAPLEBRIDGE_KEYS; put 64 hex digits there (openssl rand -hex 32).`,
      );
    }
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const fresh = `${file}.${process.pid}`;
    writeFileSync(fresh, randomBytes(32).toString('hex') + '\n', { mode: 0o600 });
    try {
      // A link, not a rename: of two first starts at once only one key may win, or what the other sealed is lost.
      linkSync(fresh, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(fresh, { force: true });
    }
  }
  const text = readFileSync(file, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new AppError('INTERNAL', `${MASTER_FILE} must hold 64 hex digits.`);
  return createKeyring(Buffer.from(text, 'hex'));
}
