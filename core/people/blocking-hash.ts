/** The keys by which mentions are found for comparing, as they are stored: eight bytes of a keyed hash, so that nothing can be read. */
import type { Keyring } from '../platform/keyring.ts';
import { blockingKeys, ROOMS, type BlockingKeys } from './matching/blocking.ts';
import type { Traits } from './matching/trait.ts';

export type BlockingKind = keyof BlockingKeys;

/** Numbers as text: they do not fit into one of JavaScript's. */
export type BlockingHashes = Readonly<Record<BlockingKind, string | null>>;

/** In the order of their columns: `name_day, born_first, born_last, name_phone`. */
export const BLOCKING_KINDS: readonly BlockingKind[] = ['nameDay', 'bornFirst', 'bornLast', 'namePhone'];

export const NO_HASHES: BlockingHashes = { nameDay: null, bornFirst: null, bornLast: null, namePhone: null };

/** Each number's hash once. */
export const numbersOf = (mentions: readonly { readonly citizenIdHash: Buffer | null }[]): Buffer[] => [
  ...new Map(
    mentions.flatMap(({ citizenIdHash }) => (citizenIdHash ? [[citizenIdHash.toString('latin1'), citizenIdHash]] : [])),
  ).values(),
];

export function hashBlockingKeys(keyring: Keyring, traits: Traits): BlockingHashes {
  const keys = blockingKeys(traits);
  const hashes: Record<BlockingKind, string | null> = { ...NO_HASHES };
  for (const [room, kinds] of ROOMS)
    for (const kind of kinds) {
      const key = keys[kind];
      if (key !== null) hashes[kind] = keyring.hash('index.hash', `match.${room}`, key).readBigInt64BE().toString();
    }
  return hashes;
}
