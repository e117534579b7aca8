import { describeError, type Log } from '../../core/platform/log.ts';

/** What was opened, to be closed in the opposite order: nobody loses the ground they stand on. */
export interface Closing {
  add(close: () => Promise<unknown> | void): void;
  /** Closes everything; one that fails does not keep the others open. True when all closed. */
  close(log: Log): Promise<boolean>;
}

export function createClosing(): Closing {
  const closers: (() => Promise<unknown> | void)[] = [];
  return {
    add: (close) => void closers.push(close),
    async close(log) {
      let clean = true;
      for (const close of closers.splice(0).reverse()) {
        try {
          await close();
        } catch (error) {
          clean = false;
          log.error({ error: describeError(error) }, 'something did not close');
        }
      }
      return clean;
    },
  };
}
