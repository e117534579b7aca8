/** Search by name without reading names: keyed hashes of a name's parts, compared for being contained. */
import type { Keyring } from '../platform/keyring.ts';
import { normaliseName } from './normal-form.ts';

// Eight bytes: short in the index, and a chance meeting of two parts only costs a row that is looked at in vain.
const TOKEN_BYTES = 8;

// A county has a few hundred surnames and the same given names over and over: most tokens were made before.
const MEMORY = 20_000;
const made = new WeakMap<Keyring, Map<string, Buffer>>();

function token(keyring: Keyring, kind: 'first' | 'pair', part: string): Buffer {
  const known = made.get(keyring) ?? new Map<string, Buffer>();
  made.set(keyring, known);
  const name = `${kind} ${part}`;
  let found = known.get(name);
  if (!found) {
    if (known.size >= MEMORY) known.clear();
    found = keyring.hash('index.hash', `name.${kind}`, part).subarray(0, TOKEN_BYTES);
    known.set(name, found);
  }
  return found;
}

const pairs = (characters: readonly string[]): string[] =>
  characters.slice(1).map((second, index) => `${characters[index] ?? ''}${second}`);

/** The tokens stored with a mention: its first character and every two that stand together. */
export function nameTokens(keyring: Keyring, name: string): Buffer[] {
  const characters = [...normaliseName(name)];
  const [first] = characters;
  if (first === undefined) return [];
  return [
    token(keyring, 'first', first),
    ...[...new Set(pairs(characters))].map((pair) => token(keyring, 'pair', pair)),
  ];
}

/**
 * What a searched name must all have among its tokens (`name_tokens @> …`): one character finds those whose name begins
 * with it, two or more find those that contain them in this order. Empty when nothing is left of `text`.
 */
export function searchTokens(keyring: Keyring, text: string): Buffer[] {
  const characters = [...normaliseName(text)];
  const [first] = characters;
  if (first === undefined) return [];
  if (characters.length === 1) return [token(keyring, 'first', first)];
  return [...new Set(pairs(characters))].map((pair) => token(keyring, 'pair', pair));
}
