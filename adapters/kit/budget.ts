/** Time, and giving up. All waiting in the kit ends with a signal, so that no read outlives the person who asked. */
import { setMaxListeners } from 'node:events';

const reasonOf = (signal: AbortSignal): Error =>
  signal.reason instanceof Error ? signal.reason : new Error('given up', { cause: signal.reason });

/** Settles with `work`, or rejects with the signal's reason as soon as it fires, whatever `work` still does. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // Whoever gave up does not want to hear how it ended.
  work.catch(() => undefined);
  if (signal.aborted) throw reasonOf(signal);
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(reasonOf(signal));
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Runs `work` under a signal that fires with `late()` after `ms`, or with the caller's own reason when theirs fires. */
export async function withinBudget<T>(
  ms: number,
  caller: AbortSignal | undefined,
  late: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  caller?.throwIfAborted();
  const controller = new AbortController();
  // A read in many pieces listens once for each of them.
  setMaxListeners(0, controller.signal);
  const timer = setTimeout(() => controller.abort(late()), ms);
  const onAbort = (): void => controller.abort(caller?.reason);
  caller?.addEventListener('abort', onAbort, { once: true });
  try {
    return await orAborted(work(controller.signal), controller.signal);
  } finally {
    clearTimeout(timer);
    caller?.removeEventListener('abort', onAbort);
  }
}

export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const elapsed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await (signal === undefined ? elapsed : orAborted(elapsed, signal));
  } finally {
    clearTimeout(timer);
  }
}
