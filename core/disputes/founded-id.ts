import { idFromHash } from '../platform/id.ts';
import type { Keyring } from '../platform/keyring.ts';
import type { LinkableRecord } from './linkable-record.ts';

/** The same founder founds the same dispute; once taken out of one by a human, another, and once parted from one by rule, another. */
export const foundedId = (keyring: Keyring, { id, parted }: LinkableRecord, left = parted.length): string => {
  const time = left === parted.length ? String(left) : `${parted.length}/${left}`;
  return idFromHash('dsp', keyring.hash('index.hash', 'dispute', id, time));
};
