/**
 * The installation's keys. One root, the first master key as a rule; everything that is found or sealed by the installation
 * itself is derived from it by HKDF under a name, so that a key leaked from one use opens no other. What can be destroyed by
 * itself has keys of its own (data-keys.ts), which the master keys only wrap: the newest wraps, all open.
 */
import { hkdfSync } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { KEY_BYTES, openUnder, sealUnder, unpooled } from './aes-gcm.ts';
import { AppError } from './errors.ts';
import { createHmacOf, framed } from './hmac.ts';

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
  /** Seed of the Ed25519 key of the audit log. */
  | 'audit.sign'
  /** Salts of commitments in it. */
  | 'audit.salt'
  | 'disclosure'
  | `grant.${string}`
  | `subgraph.${string}`;

/** Wraps keys under master keys, whose number stands in front. */
export interface Wrapping {
  /** Under the newest master key known. */
  wrap(plain: Buffer, context: string): Buffer;
  /** Throws INTERNAL when that master key is not there, or when it was not wrapped by it under this context. */
  unwrap(wrapped: Buffer, context: string): Buffer;
  /** The number of the newest master key known. */
  newest(): number;
  /** Looks again which master keys there are. */
  refresh(): void;
}

export interface Keyring extends Wrapping {
  /** 32 bytes for a use. */
  key(use: KeyUse): Buffer;
  /** HMAC-SHA-256: equal inputs can be found again, nothing can be read back. */
  hash(use: KeyUse, ...parts: readonly string[]): Buffer;
  /** AES-256-GCM; `context` (a row's id, say) must be the same to open it, so that a cipher cannot be moved elsewhere. */
  seal(use: KeyUse, plain: string | Buffer, context: string): Buffer;
  /** Throws INTERNAL when the bytes were not sealed by this key under this context. */
  open(use: KeyUse, cipher: Buffer, context: string): Buffer;
}

/** Master keys by number; numbers only grow. */
export type Masters = ReadonlyMap<number, Buffer>;

const derive = (secret: Buffer, use: KeyUse | 'data-key'): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), `maplebridge/1/${use}`, KEY_BYTES));

const NUMBER_BYTES = 2;
const MOST_UNWRAPPED = 10_000;
/** Whose key was destroyed elsewhere is not held on to for longer. */
const UNWRAPPED_MS = 5 * 60_000;

/** The master key that wrapped it. */
export const wrappedBy = (wrapped: Buffer): number => wrapped.readUInt16BE(0);

function createWrapping(readMasters: () => Masters): Wrapping {
  let masters: Masters = new Map();
  const derived = new Map<number, Buffer>();
  const refresh = (): void => {
    masters = readMasters();
    derived.clear();
  };
  refresh();
  const newest = (): number => Math.max(...masters.keys());
  const wrappingKey = (number: number): Buffer => {
    const known = derived.get(number);
    if (known) return known;
    // Made by another process since.
    if (!masters.has(number)) refresh();
    const master = masters.get(number);
    if (!master)
      throw new AppError(
        'INTERNAL',
        `Master key ${number} is not in the folder named by MAPLEBRIDGE_KEYS; copy it there from where the keys were changed.`,
      );
    const key = derive(master, 'data-key');
    derived.set(number, key);
    return key;
  };
  // Spares the work only: whether there is a key at all is what the row says that the bytes were read from.
  const unwrapped = new LRUCache<string, { readonly wrapped: Buffer; readonly plain: Buffer }>({
    max: MOST_UNWRAPPED,
    ttl: UNWRAPPED_MS,
  });
  return {
    refresh,
    newest,
    wrap(plain, context) {
      const number = newest();
      const front = Buffer.alloc(NUMBER_BYTES);
      front.writeUInt16BE(number);
      return Buffer.concat([front, sealUnder(wrappingKey(number), plain, context)]);
    },
    unwrap(wrapped, context) {
      const known = unwrapped.get(context);
      if (known?.wrapped.equals(wrapped)) return known.plain;
      try {
        const plain = unpooled(openUnder(wrappingKey(wrappedBy(wrapped)), wrapped.subarray(NUMBER_BYTES), context));
        unwrapped.set(context, { wrapped: unpooled(wrapped), plain });
        return plain;
      } catch (cause) {
        if (cause instanceof AppError) throw cause;
        throw new AppError('INTERNAL', 'A wrapped key cannot be opened: other master key, other owner, or damaged.', {
          cause,
        });
      }
    },
  };
}

/** `readMasters` is asked again when a key was wrapped by one that is not known yet. By default the root is master key 1. */
export function createKeyring(root: Buffer, readMasters: () => Masters = () => new Map([[1, root]])): Keyring {
  if (root.length !== KEY_BYTES) throw new AppError('INTERNAL', 'The master key must be 32 bytes.');
  const keys = new Map<string, Buffer>();
  const key = (use: KeyUse): Buffer => {
    let derived = keys.get(use);
    if (!derived) keys.set(use, (derived = derive(root, use)));
    return derived;
  };
  const hmacs = new Map<KeyUse, (text: string) => Buffer>();
  const hmac = (use: KeyUse): ((text: string) => Buffer) => {
    let made = hmacs.get(use);
    if (!made) hmacs.set(use, (made = createHmacOf(key(use))));
    return made;
  };
  return {
    ...createWrapping(readMasters),
    key,
    hash: (use, ...parts) => hmac(use)(framed(parts)),
    seal: (use, plain, context) => sealUnder(key(use), plain, context),
    open(use, sealed, context) {
      try {
        return openUnder(key(use), sealed, context);
      } catch (cause) {
        throw new AppError('INTERNAL', `Sealed data for ${use} cannot be opened: other key, other place, or damaged.`, {
          cause,
        });
      }
    },
  };
}
