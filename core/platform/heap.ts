import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * V8 lets its heap grow to several times what is alive before it looks for what is not; on a small machine that memory is
 * wanted elsewhere. Collecting when it has grown by three tenths costs little, for most of what a request leaves is young.
 * How much is young is said where Node is started (`--max-semi-space-size`): a running program cannot change it.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=30');
  // How far the heap may grow is worked out when it is collected: while the program was loaded that was done without this setting,
  // and would stand until the heap is nearly four times as large.
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  setFlagsFromString('--no-expose-gc');
}
