/**
 * Signatures of Standard Webhooks over `{id}.{timestamp}.{raw body}`: `v1` HMAC-SHA256, `v1a` Ed25519, and `v1sm3`
 * HMAC-SM3 in addition to `v1`. Several keys may be good at once, while one is being rotated.
 */
import {
  createHmac,
  createSecretKey,
  sign as signEd25519,
  timingSafeEqual,
  verify as verifyEd25519,
} from 'node:crypto';
import { AppError } from '../platform/errors.ts';
import type { SigningKey, VerifyingKey } from './secret.ts';

export interface SignedMessage {
  readonly id: string;
  /** Unix seconds of this attempt, by the wall clock. */
  readonly timestamp: number;
  readonly body: Buffer | string;
}

/** As Node's HTTP server gives them: names in lower case. */
export type SignatureHeaders = Readonly<Record<string, string | string[] | undefined>>;

export type RefusedSignature =
  | 'missing header'
  | 'malformed id'
  | 'malformed timestamp'
  | 'too old'
  | 'too new'
  | 'malformed signature'
  | 'no match';

export const TOLERANCE_SECONDS = 5 * 60;
/** Two keys in rotation, two schemes each, and room to spare. More would only be work for us. */
const MAX_SIGNATURES = 10;
/** An organisation has one key, or two while rotating: always as much work as for two. */
const KEY_SLOTS = 2;
const DECOY: VerifyingKey = { kind: 'shared', secret: createSecretKey(Buffer.alloc(32)) };

/** Visible ASCII without a full stop, which would let an id and a timestamp be cut in another place. */
export const isMessageId = (id: string): boolean => /^[\x21-\x2d\x2f-\x7e]{1,200}$/.test(id);

const signedBytes = (id: string, timestamp: number | string, body: Buffer | string): Buffer =>
  Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body as string)]);

/** The value of `webhook-signature`. */
export function sign(keys: readonly SigningKey[], { id, timestamp, body }: SignedMessage): string {
  if (keys.length === 0) throw new AppError('INTERNAL', 'A message cannot be signed without a secret.');
  if (!isMessageId(id) || !Number.isSafeInteger(timestamp) || timestamp <= 0) {
    throw new AppError('INTERNAL', 'A message cannot be signed with this id or time.');
  }
  const bytes = signedBytes(id, timestamp, body);
  return keys.flatMap((key) => signaturesOf(key, bytes)).join(' ');
}

function signaturesOf(key: SigningKey, bytes: Buffer): string[] {
  if (key.scheme === 'V1A') return [`v1a,${signEd25519(null, bytes, key.privateKey).toString('base64')}`];
  const v1 = `v1,${createHmac('sha256', key.secret).update(bytes).digest('base64')}`;
  if (key.scheme === 'V1') return [v1];
  return [v1, `v1sm3,${createHmac('sm3', key.secret).update(bytes).digest('base64')}`];
}

/**
 * Whether one of the keys signed exactly these bytes within five minutes of `now`. Hand in no keys for somebody unknown:
 * that takes as long as a wrong signature. `rawBody` is what came in, before anything parsed it.
 */
export const verify = (
  keys: readonly VerifyingKey[],
  headers: SignatureHeaders,
  rawBody: Buffer | string,
  now: Date,
): 'ok' | 'refused' => (explainRefusal(keys, headers, rawBody, now) === null ? 'ok' : 'refused');

/** Why it is refused, for the receiver's own eyes (`maplebridge webhook listen`); a sender is never told. Null: it is good. */
export function explainRefusal(
  keys: readonly VerifyingKey[],
  headers: SignatureHeaders,
  rawBody: Buffer | string,
  now: Date,
): RefusedSignature | null {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const signature = headers['webhook-signature'];
  // What is refused here depends on what was sent alone, and so tells nothing about who is known.
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string') return 'missing header';
  if (!isMessageId(id)) return 'malformed id';
  if (!/^[1-9]\d{0,11}$/.test(timestamp)) return 'malformed timestamp';
  const age = Math.floor(now.getTime() / 1_000) - Number(timestamp);
  if (age > TOLERANCE_SECONDS) return 'too old';
  if (age < -TOLERANCE_SECONDS) return 'too new';
  const given = parseSignatures(signature);
  if (given === null) return 'malformed signature';
  return matches(keys, signedBytes(id, timestamp, rawBody), given) ? null : 'no match';
}

interface GivenSignatures {
  readonly v1: readonly Buffer[];
  readonly v1a: readonly Buffer[];
  readonly v1sm3: readonly Buffer[];
}

/** Null when not one can be read. A version that is not known is passed over: it may be of a later specification. */
function parseSignatures(header: string): GivenSignatures | null {
  const parts = header.split(' ').filter((part) => part !== '');
  if (parts.length === 0 || parts.length > MAX_SIGNATURES) return null;
  const pairs = parts.map((part) => /^([a-z0-9]+),([A-Za-z0-9+/]+={0,2})$/.exec(part));
  const of = (version: string, length: number): Buffer[] =>
    pairs
      .filter((pair) => pair?.[1] === version)
      .map((pair) => Buffer.from(pair?.[2] ?? '', 'base64'))
      .filter((bytes) => bytes.length === length);
  const given = { v1: of('v1', 32), v1a: of('v1a', 64), v1sm3: of('v1sm3', 32) };
  return given.v1.length + given.v1a.length + given.v1sm3.length > 0 ? given : null;
}

/** Every key against every signature, whatever has matched already. */
function matches(keys: readonly VerifyingKey[], bytes: Buffer, given: GivenSignatures): boolean {
  const slots = [...keys, ...Array<VerifyingKey>(Math.max(0, KEY_SLOTS - keys.length)).fill(DECOY)];
  let matched = 0;
  for (const [index, key] of slots.entries()) {
    // The decoy's secret is in the source for all to read: what it matches does not count.
    const counts = index < keys.length ? 1 : 0;
    if (key.kind === 'public') {
      for (const each of given.v1a) matched |= Number(verifyEd25519(null, bytes, key.publicKey, each)) & counts;
      continue;
    }
    for (const [hash, signatures] of [
      ['sha256', given.v1],
      ['sm3', given.v1sm3],
    ] as const) {
      if (signatures.length === 0) continue;
      const expected = createHmac(hash, key.secret).update(bytes).digest();
      for (const each of signatures) matched |= Number(timingSafeEqual(expected, each)) & counts;
    }
  }
  return matched === 1;
}
