/**
 * A socket that sends what is written in one turn of the program as one packet. Handing a packet over and waking who waits for it
 * costs more than most statements do; what is said in one breath should wake them once. Over TLS pg writes elsewhere: nothing is
 * gathered then, and nothing is lost.
 */
import { Socket } from 'node:net';

export class GatheringSocket extends Socket {
  #gathering = false;

  /** A statement is written in several pieces, between a cork and an uncork: the first cork of a turn holds until its end. */
  override cork(): void {
    if (!this.#gathering) {
      this.#gathering = true;
      super.cork();
      // A microtask's nextTick comes when no microtask is left: whoever goes on with an answer has by then asked the next.
      queueMicrotask(() =>
        process.nextTick(() => {
          this.#gathering = false;
          super.uncork();
        }),
      );
    }
    super.cork();
  }
}
