/**
 * A person's words or name in the log: only the hash of a salt and what was said. Whoever is given both can check it; once the
 * salt is gone (it is made from a key that is destroyed with the person's data) nothing leads back, and the leaf stays as it was.
 */
import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from './canonical.ts';

/** A type, not an interface: it is written as JSON. */
export type Commitment = { readonly commitment: string };

/** What opens a commitment. `salt`: base64 of 32 bytes. */
export type Opening = { readonly salt: string; readonly value: Json };

export const commit = ({ salt, value }: Opening): Commitment => ({
  commitment: createHash('sha256').update(Buffer.from(salt, 'base64')).update(canonicalJson(value)).digest('base64'),
});

export const opens = (opening: Opening, { commitment }: Commitment): boolean =>
  Buffer.from(opening.salt, 'base64').toString('base64') === opening.salt && commit(opening).commitment === commitment;
