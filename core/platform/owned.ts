/** What is sealed under the key of whom it is about, or, in rows from before there were such keys, under the installation's. */
import { isDestroyed, openDataKey } from './data-keys.ts';
import { AppError } from './errors.ts';
import type { Keyring, KeyUse } from './keyring.ts';

/** An owner with its row of `data_key` as the statement that read it joined it; null: there is none. */
export interface KeyHolder {
  readonly owner: string;
  readonly wrapped: Buffer | null;
}

/** Under the owner's key, and for an owner without one as its other texts are: under the installation's key for the use. */
export function sealOwned(
  keyring: Keyring,
  use: KeyUse,
  { owner, wrapped }: KeyHolder,
  plain: string,
  context: string,
): Buffer {
  if (wrapped === null) return keyring.seal(use, plain, context);
  if (isDestroyed(wrapped)) throw destroyed();
  return openDataKey(keyring, { owner, wrapped }).seal(plain, context);
}

const destroyed = (): AppError =>
  new AppError('CONFLICT', 'What was written of this has had its time and is destroyed; nothing is added to it.');

/** A commitment's salt under the owner's key: gone when the key is. */
export function macOwned(
  keyring: Keyring,
  use: KeyUse,
  { owner, wrapped }: KeyHolder,
  ...parts: readonly string[]
): Buffer {
  if (wrapped === null) return keyring.hash(use, owner, ...parts);
  if (isDestroyed(wrapped)) throw destroyed();
  return openDataKey(keyring, { owner, wrapped }).mac(...parts);
}

/** Null: its key was destroyed, nobody opens it any more. Throws INTERNAL for what was sealed elsewhere. */
export function openOwned(
  keyring: Keyring,
  use: KeyUse,
  { owner, wrapped }: KeyHolder,
  cipher: Buffer,
  context: string,
): string | null {
  if (wrapped === null) return keyring.open(use, cipher, context).toString('utf8');
  if (isDestroyed(wrapped)) return null;
  const key = openDataKey(keyring, { owner, wrapped });
  try {
    return key.open(cipher, context).toString('utf8');
  } catch {
    // While programs are replaced one after another, one from before there were keys may have sealed it, beside others that
    // knew better. It is bound to its place either way: what belongs elsewhere opens by neither.
    return keyring.open(use, cipher, context).toString('utf8');
  }
}
