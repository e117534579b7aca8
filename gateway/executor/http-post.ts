/** A POST with a time limit, by undici's dispatcher itself: its `request` makes a stream of every answer, and these are small. */
import type { Dispatcher } from 'undici';
import { AppError } from '../../core/platform/errors.ts';
import { decodeUtf8 } from '../../core/platform/utf8.ts';

export interface Post {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Milliseconds for all of it. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface Posted {
  readonly status: number;
  readonly text: string;
}

/** Far more than any answer; what does not end must not fill the memory. */
const MAX_BYTES = 64 * 1024 * 1024;

/** There was no answer in time. */
export class Timeout extends Error {
  override readonly name = 'Timeout';
}

/** Rejects with undici's error, a Timeout, or an AppError when the signal says that nobody waits. */
export function post(dispatcher: Dispatcher, { path, headers, body, timeoutMs, signal }: Post): Promise<Posted> {
  return new Promise((resolve, reject) => {
    let stop: ((reason: Error) => void) | null = null;
    let gaveUp: Error | null = null;
    const giveUp = (reason: Error): void => {
      gaveUp = reason;
      stop?.(reason);
      // Where the connection is not there yet nothing can be stopped, and nobody waits for it.
      end();
      reject(reason);
    };
    const timer = setTimeout(() => giveUp(new Timeout(`no answer within ${timeoutMs} ms`)), timeoutMs);
    const leave = (): void => giveUp(new AppError('INTERNAL', 'Nobody waits for the answer any more.'));
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', leave);
    };
    if (signal?.aborted) {
      leave();
      return;
    }
    signal?.addEventListener('abort', leave, { once: true });
    let status = 0;
    const chunks: Buffer[] = [];
    let length = 0;
    dispatcher.dispatch(
      { method: 'POST', path, headers, body },
      {
        onRequestStart(controller) {
          stop = (reason) => controller.abort(reason);
          if (gaveUp) controller.abort(gaveUp);
        },
        onResponseStart(_controller, statusCode) {
          status = statusCode;
        },
        onResponseData(controller, chunk) {
          chunks.push(chunk);
          length += chunk.length;
          if (length > MAX_BYTES) controller.abort(new Error(`an answer of more than ${MAX_BYTES} bytes`));
        },
        onResponseEnd() {
          end();
          const [first] = chunks;
          resolve({ status, text: decodeUtf8(chunks.length === 1 && first ? first : Buffer.concat(chunks, length)) });
        },
        onResponseError(_controller, error) {
          end();
          reject(error);
        },
      },
    );
  });
}
