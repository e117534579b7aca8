/**
 * C2SP signed notes: a text and signatures under it, each by a named key. A checkpoint is one (`checkpoint.ts`). Ed25519 only; a
 * co-signature of a witness (type 4) says when it was made, and signs that too.
 */
import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

/** A line under a note as it came; whose it is, is known only once it is verified. */
export interface NoteSignature {
  readonly name: string;
  readonly keyId: number;
  readonly bytes: Buffer;
}

export interface Note {
  /** With its last newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const ED25519 = 1;
const COSIGNATURE = 4;
type Algorithm = typeof ED25519 | typeof COSIGNATURE;

/** Public half of a named key. */
export interface NoteVerifier {
  readonly name: string;
  readonly keyId: number;
  /** When it was signed, for a co-signature; null otherwise. Undefined: the signature is not of this key over this text. */
  check(text: string, signature: NoteSignature): { readonly at: Date | null } | undefined;
}

export interface NoteSigner {
  readonly name: string;
  /** `name+id+key`: what a client is given to verify with. */
  readonly vkey: string;
  sign(text: string): NoteSignature;
}

const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

const publicKeyOf = (raw: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
const privateKeyOf = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
const rawPublic = (key: KeyObject): Buffer =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length);

const keyIdOf = (name: string, algorithm: Algorithm, raw: Uint8Array): number =>
  createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.from([algorithm]))
    .update(raw)
    .digest()
    .readUInt32BE();

const hexId = (id: number): string => id.toString(16).padStart(8, '0');

const NAME = /^[^\s+]+$/;

export class NoteFault extends Error {}

function named(name: string): string {
  if (!NAME.test(name)) throw new NoteFault(`"${name}" cannot name a key: no spaces and no plus sign.`);
  return name;
}

/** `seed`: 32 bytes. */
export function createNoteSigner(name: string, seed: Uint8Array): NoteSigner {
  const key = privateKeyOf(seed);
  const raw = rawPublic(key);
  const keyId = keyIdOf(named(name), ED25519, raw);
  return {
    name,
    vkey: `${name}+${hexId(keyId)}+${Buffer.concat([Buffer.from([ED25519]), raw]).toString('base64')}`,
    sign: (text) => ({ name, keyId, bytes: sign(null, Buffer.from(text), key) }),
  };
}

/** What a witness signs: the text, and when. */
const cosigned = (text: string, seconds: bigint): Buffer => Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);

/** Throws a NoteFault for a key that is written wrongly, or of a kind that is not known here. */
export function parseVerifierKey(vkey: string): NoteVerifier {
  const [name = '', id = '', ...rest] = vkey.trim().split('+');
  const key = Buffer.from(rest.join('+'), 'base64');
  const [algorithm] = key;
  const raw = key.subarray(1);
  if (algorithm !== ED25519 && algorithm !== COSIGNATURE) throw new NoteFault('This kind of key is not known here.');
  if (raw.length !== 32) throw new NoteFault('An Ed25519 key has 32 bytes.');
  const keyId = keyIdOf(named(name), algorithm, raw);
  if (hexId(keyId) !== id) throw new NoteFault('The key does not fit its own number: it was copied wrongly.');
  const publicKey = publicKeyOf(raw);
  return {
    name,
    keyId,
    check(text, { bytes, ...signature }) {
      if (signature.name !== name || signature.keyId !== keyId) return undefined;
      if (algorithm === ED25519) return verify(null, Buffer.from(text), publicKey, bytes) ? { at: null } : undefined;
      if (bytes.length !== 72) return undefined;
      const seconds = bytes.readBigUInt64BE();
      const holds = verify(null, cosigned(text, seconds), publicKey, bytes.subarray(8));
      return holds ? { at: new Date(Number(seconds) * 1_000) } : undefined;
    },
  };
}

export function createCosigner(
  name: string,
  seed: Uint8Array,
): { readonly vkey: string; sign(text: string, at: Date): NoteSignature } {
  const key = privateKeyOf(seed);
  const raw = rawPublic(key);
  const keyId = keyIdOf(named(name), COSIGNATURE, raw);
  return {
    vkey: `${name}+${hexId(keyId)}+${Buffer.concat([Buffer.from([COSIGNATURE]), raw]).toString('base64')}`,
    sign(text, at) {
      const seconds = BigInt(Math.floor(at.getTime() / 1_000));
      const time = Buffer.alloc(8);
      time.writeBigUInt64BE(seconds);
      return { name, keyId, bytes: Buffer.concat([time, sign(null, cosigned(text, seconds), key)]) };
    },
  };
}

const signatureLine = ({ name, keyId, bytes }: NoteSignature): string => {
  const id = Buffer.alloc(4);
  id.writeUInt32BE(keyId);
  return `— ${name} ${Buffer.concat([id, bytes]).toString('base64')}\n`;
};

export const writeNote = ({ text, signatures }: Note): string => `${text}\n${signatures.map(signatureLine).join('')}`;

const LINE = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/;
const MOST_SIGNATURES = 100;

/** Lines under a note, or a witness's answer. Throws a NoteFault. */
export function parseSignatureLines(text: string): NoteSignature[] {
  if (!text.endsWith('\n')) throw new NoteFault('The last signature has no end.');
  const lines = text.slice(0, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) throw new NoteFault(`A note has at most ${MOST_SIGNATURES} signatures.`);
  return lines.map((line) => {
    const [, name, encoded = ''] = LINE.exec(line) ?? [];
    const bytes = Buffer.from(encoded, 'base64');
    // One way of writing it only: a changed letter that means the same would go unnoticed.
    if (name === undefined || bytes.length < 5 || bytes.toString('base64') !== encoded)
      throw new NoteFault('A line under the note is no signature.');
    return { name, keyId: bytes.readUInt32BE(), bytes: bytes.subarray(4) };
  });
}

/** Throws a NoteFault that says what is wrong with it. */
export function parseNote(note: string): Note {
  const end = note.lastIndexOf('\n\n');
  if (end === -1 || !note.endsWith('\n'))
    throw new NoteFault('This is no signed note: text, an empty line, signatures.');
  return { text: note.slice(0, end + 1), signatures: parseSignatureLines(note.slice(end + 2)) };
}
