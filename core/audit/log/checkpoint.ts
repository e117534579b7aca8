/** C2SP tlog-checkpoint: the head of a log as the text of a signed note. */
import { NoteFault } from './note.ts';
import type { Hash } from './tree.ts';

export interface Checkpoint {
  /** Names the log for ever; like a URL without a scheme. */
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
}

const HASH_BYTES = 32;
const SIZE = /^(?:0|[1-9]\d{0,15})$/;

export const writeCheckpoint = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${root.toString('base64')}\n`;

/** Lines after the third are extensions, which are signed like the rest and mean nothing here. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = '', size = '', encoded = '', ...extensions] = text.split('\n');
  const root = Buffer.from(encoded, 'base64');
  const whole = origin !== '' && SIZE.test(size) && root.length === HASH_BYTES && root.toString('base64') === encoded;
  if (!whole || extensions.at(-1) !== '' || extensions.slice(0, -1).includes(''))
    throw new NoteFault('This is no checkpoint: an origin, a size and a root hash, each on a line.');
  return { origin, size: Number(size), root };
}
