/**
 * Webhook secrets as Standard Webhooks writes them: `whsec_` and `whsk_`/`whpk_`, then base64. Keys become KeyObjects at
 * once: these print nothing when they get into a log by mistake.
 */
import { createPrivateKey, createPublicKey, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { badInput, type AppError } from '../platform/errors.ts';

export const SIGNING_SCHEMES = ['V1', 'V1A', 'V1_SM3'] as const;
/** V1: HMAC-SHA256. V1A: Ed25519. V1_SM3: HMAC-SHA256 and HMAC-SM3 with the same secret (commercial cryptography, 商用密码). */
export type SigningScheme = (typeof SIGNING_SCHEMES)[number];

export interface NewSecret {
  /** What signs; kept sealed. */
  readonly signing: string;
  /** What the receiver verifies with; shown once. The same text, but for Ed25519, where it is the public key. */
  readonly shown: string;
}

export type SigningKey =
  | { readonly scheme: 'V1' | 'V1_SM3'; readonly secret: KeyObject }
  | { readonly scheme: 'V1A'; readonly privateKey: KeyObject };

export type VerifyingKey =
  { readonly kind: 'shared'; readonly secret: KeyObject } | { readonly kind: 'public'; readonly publicKey: KeyObject };

const SEED_BYTES = 32;
// The specification allows 24 to 64 bytes; our own have 32.
const MIN_SHARED_BYTES = 24;
const MAX_SHARED_BYTES = 64;
// RFC 8410: what stands before the 32 bytes of an Ed25519 key in PKCS #8 and in SubjectPublicKeyInfo.
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

const privateKeyOf = (seed: Buffer): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, seed]), format: 'der', type: 'pkcs8' });

const publicKeyOf = (point: Buffer): KeyObject =>
  createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, point]), format: 'der', type: 'spki' });

/** `random` is for tests. */
export function makeSecret(scheme: SigningScheme, random: (bytes: number) => Buffer = randomBytes): NewSecret {
  const bytes = random(SEED_BYTES);
  if (scheme !== 'V1A') {
    const text = `whsec_${bytes.toString('base64')}`;
    return { signing: text, shown: text };
  }
  const spki = createPublicKey(privateKeyOf(bytes)).export({ format: 'der', type: 'spki' });
  return {
    signing: `whsk_${bytes.toString('base64')}`,
    shown: `whpk_${spki.subarray(PUBLIC_PREFIX.length).toString('base64')}`,
  };
}

/** Throws BAD_USER_INPUT when the secret is not one, or is one of another scheme. */
export function parseSigningKey(scheme: SigningScheme, text: string): SigningKey {
  if (scheme === 'V1A') return { scheme, privateKey: privateKeyOf(seedOf(text)) };
  return { scheme, secret: sharedKeyOf(text) };
}

/** A `whsec_` verifies `v1` and `v1sm3`; a `whpk_`, or its `whsk_`, verifies `v1a`. */
export function parseVerifyingKey(text: string): VerifyingKey {
  if (text.startsWith('whpk_')) {
    const point = decode(text, 'whpk_');
    if (point.length !== SEED_BYTES) throw malformed();
    return { kind: 'public', publicKey: publicKeyOf(point) };
  }
  if (text.startsWith('whsk_')) return { kind: 'public', publicKey: createPublicKey(privateKeyOf(seedOf(text))) };
  return { kind: 'shared', secret: sharedKeyOf(text) };
}

// The value itself is not repeated: it is a secret, or nearly one.
const malformed = (): AppError =>
  badInput(
    'secret',
    'This is no webhook secret: whsec_, whsk_ or whpk_, then base64, of the kind that the scheme needs.',
  );

function decode(text: string, prefix: string): Buffer {
  const body = text.slice(prefix.length);
  if (!text.startsWith(prefix) || !/^[A-Za-z0-9+/]+={0,2}$/.test(body)) throw malformed();
  const bytes = Buffer.from(body, 'base64');
  // Padding may be left out; anything else that base64 would pass over in silence is a mistyped secret.
  if (bytes.toString('base64').replace(/=+$/, '') !== body.replace(/=+$/, '')) throw malformed();
  return bytes;
}

function sharedKeyOf(text: string): KeyObject {
  const bytes = decode(text, 'whsec_');
  if (bytes.length < MIN_SHARED_BYTES || bytes.length > MAX_SHARED_BYTES) throw malformed();
  return createSecretKey(bytes);
}

/** Some libraries write a private key as seed and public key together, 64 bytes. */
function seedOf(text: string): Buffer {
  const bytes = decode(text, 'whsk_');
  if (bytes.length !== SEED_BYTES && bytes.length !== 2 * SEED_BYTES) throw malformed();
  return bytes.subarray(0, SEED_BYTES);
}
