import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** By so many hundredths the heap may grow beyond what was alive. */
const SMALL = 30;
const ROOMY = 100;

let isKeptSmall = false;
let roomy = 0;

const growBy = (percent: number): void => setFlagsFromString(`--heap-growing-percent=${percent}`);

/**
 * V8 lets its heap grow to several times what is alive before it looks for what is not; on a small machine that memory is
 * wanted elsewhere. Collecting when it has grown by three tenths costs little, for most of what a request leaves is young.
 * How much is young is said where Node is started (`--max-semi-space-size`): a running program cannot change it.
 */
export function keepHeapSmall(): void {
  isKeptSmall = true;
  growBy(SMALL);
  // How far the heap may grow is worked out when it is collected: while the program was loaded that was done without this setting,
  // and would stand until the heap is nearly four times as large.
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  setFlagsFromString('--no-expose-gc');
}

/**
 * For work that reads a county in: page by page, so that what one page leaves is old by the time the next has come. Looking for it as
 * often as `keepHeapSmall` has it took a quarter of all the time that the processor had for it. Small again it is with the first
 * collection after it, which comes soon: by then most of what was read in is not alive.
 */
export async function withRoomyHeap<T>(work: () => Promise<T>): Promise<T> {
  if (!isKeptSmall) return work();
  roomy += 1;
  growBy(ROOMY);
  try {
    return await work();
  } finally {
    roomy -= 1;
    if (roomy === 0) growBy(SMALL);
  }
}
