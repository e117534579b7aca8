import { AppError } from '../../core/platform/errors.ts';

/** One line of `maplebridge doctor`. A remedy says what to do; what is well needs none. */
export interface Finding {
  readonly status: 'ok' | 'warn' | 'FAIL';
  readonly what: string;
  readonly remedy: string | null;
}

export const ok = (what: string): Finding => ({ status: 'ok', what, remedy: null });
export const warn = (what: string, remedy: string): Finding => ({ status: 'warn', what, remedy });
export const fail = (what: string, remedy: string): Finding => ({ status: 'FAIL', what, remedy });

export const toLine = ({ status, what, remedy }: Finding): string =>
  `${status.padEnd(5)} ${what}${remedy === null ? '' : ` — ${remedy}`}`;

/** Our own messages say what to do; others may quote anything and are left out. */
export const reasonOf = (error: unknown): string =>
  error instanceof AppError
    ? error.message
        .replaceAll(/:\s*\n\s*/g, ': ')
        .replaceAll(/\s*\n\s*/g, '; ')
        .replace(/\.$/, '')
    : 'it failed inside';

/** Rejects when `work` takes longer; for what has no time limit of its own. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new AppError('SOURCE_UNAVAILABLE', `no answer within ${ms / 1_000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

export interface Timed<T> {
  readonly value: T;
  readonly ms: number;
}

export async function timed<T>(work: () => Promise<T>): Promise<Timed<T>> {
  const began = performance.now();
  const value = await work();
  return { value, ms: Math.round(performance.now() - began) };
}
