import { expect, it } from 'vitest';
import { createCosigner, createNoteSigner, parseNote, parseVerifierKey, writeNote } from './note.ts';

/** The example of Go's `golang.org/x/mod/sumdb/note`. */
const PUBLISHED = {
  vkey: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  seed: Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(1),
  text: "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
  signature:
    '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n',
};

it('signs as the published example is signed', () => {
  const signer = createNoteSigner('PeterNeumann', PUBLISHED.seed);
  expect(signer.vkey).toBe(PUBLISHED.vkey);
  const note = writeNote({ text: PUBLISHED.text, signatures: [signer.sign(PUBLISHED.text)] });
  expect(note).toBe(`${PUBLISHED.text}\n${PUBLISHED.signature}`);
});

it('verifies the published example, and nothing but its text', () => {
  const verifier = parseVerifierKey(PUBLISHED.vkey);
  const { text, signatures } = parseNote(`${PUBLISHED.text}\n${PUBLISHED.signature}`);
  const [signature] = signatures;
  if (!signature) throw new Error('The note has no signature.');
  expect(verifier.check(text, signature)).toEqual({ at: null });
  expect(verifier.check(`${text} `, signature)).toBeUndefined();
  const other = createNoteSigner('PeterNeumann', Buffer.alloc(32, 1));
  expect(parseVerifierKey(other.vkey).check(text, signature)).toBeUndefined();
});

it('verifies a co-signature with its time', () => {
  const witness = createCosigner('court.example/witness', Buffer.alloc(32, 7));
  const at = new Date('2026-03-02T01:00:00Z');
  const text = 'maplebridge.example/log\n2\nAAAA\n';
  const signature = witness.sign(text, at);
  const verifier = parseVerifierKey(witness.vkey);
  expect(verifier.check(text, signature)).toEqual({ at });
  const bytes = Buffer.from(signature.bytes);
  bytes.writeBigUInt64BE(1n);
  expect(verifier.check(text, { ...signature, bytes })).toBeUndefined();
  expect(verifier.check(text, { ...signature, bytes: bytes.subarray(1) })).toBeUndefined();
});

it.each([
  ['nothing', ''],
  ['no signatures', 'text\n'],
  ['no newline at its end', 'text\n\n— a AAAAAAAA'],
  ['a line that is none', 'text\n\nsigned: me\n'],
  ['an empty line at its end', 'text\n\n— a AAAAAAAA\n\n'],
  ['another dash', 'text\n\n-- a AAAAAAAA\n'],
  ['two spaces', 'text\n\n— a  AAAAAAAA\n'],
  ['a signature that is too short', 'text\n\n— a AAAA\n'],
])('takes a note with %s for none', (_, note) => {
  expect(() => parseNote(note)).toThrow();
});

it.each([
  ['a key copied wrongly', PUBLISHED.vkey.replace('c74f20a3', 'c74f20a4'), 'copied wrongly'],
  ['another kind', 'a+00000000+Ag==', 'kind of key'],
  ['half a key', 'a+00000000+AQAA', '32 bytes'],
])('refuses %s', (_, vkey, why) => {
  expect(() => parseVerifierKey(vkey)).toThrow(why);
});

it('gives no key a name that could not be read back', () => {
  expect(() => createNoteSigner('two words', Buffer.alloc(32, 1))).toThrow('cannot name a key');
});
