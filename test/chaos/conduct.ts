/**
 * How a receiver misbehaves. Mostly once at a time: after a second failure in a row its endpoint is left alone for five
 * minutes, which a run can bear a few times only.
 */
import type { Random } from '../../demo/county/random.ts';
import type { Temper } from './county.ts';

export type Deed =
  | { readonly kind: 'takes' }
  /** `isTaken`: it has done what the message says, and answers as if it had not. */
  | { readonly kind: 'fails'; readonly status: number; readonly retryAfter: number | null; readonly isTaken: boolean }
  /** It takes the message and never answers. */
  | { readonly kind: 'hangs' };

export interface Conduct {
  /** What becomes of an attempt to tell it this message. */
  decide(messageId: string): Deed;
  /** An attempt that came then was answered with success. */
  succeeded(cameAt: number): void;
  /** Whether it may be away for a moment; it then is. */
  mayBeAway(): boolean;
  isBackAgain(): void;
  /** From now on it behaves. */
  calm(): void;
}

export interface ConductOptions {
  readonly temper: Temper;
  readonly lot: Random;
  /** How often a failure is followed by a second one. */
  readonly doubles: number;
  readonly now: () => number;
}

const TAKES: Deed = { kind: 'takes' };

/** By then the gateway has given a message up that is not answered. */
const HUNG_MS = 16_000;
/** By then whatever came together with a message that failed has been answered; the first probe comes later. */
const UNDER_WAY_MS = 3_000;
const FIRST_WITHIN_MS = 3_000;
const BETWEEN_MS = { from: 4_000, to: 20_000 } as const;
/** Doubles begin when there has been something to see of the ordinary. */
const SINGLES_BEFORE = 2;

export function createConduct({ temper, lot, doubles, now }: ConductOptions): Conduct {
  const failedOnce = new Set<string>();
  let isCalm = false;
  let failedAt = Number.NEGATIVE_INFINITY;
  let succeededAt = 0;
  let nextAt = now() + lot.int(FIRST_WITHIN_MS);
  let singles = 0;
  let left = doubles;
  let isSecondDue = false;

  /** The endpoint's probe after the last failure has gone well: not one of those that were under way with what failed. */
  const isForgiven = (): boolean => succeededAt > failedAt + UNDER_WAY_MS;

  const misbehaved = (failsAt: number): void => {
    failedAt = failsAt;
    nextAt = failsAt + lot.between(BETWEEN_MS.from, BETWEEN_MS.to);
    singles += 1;
  };

  const fails = (): Deed => {
    const status = lot.pick([500, 503, 429]);
    return { kind: 'fails', status, retryAfter: status === 429 ? lot.between(1, 3) : null, isTaken: lot.chance(0.5) };
  };

  return {
    decide(messageId) {
      const at = now();
      if (isCalm || (temper !== 'fails' && temper !== 'hangs')) return TAKES;
      if (isSecondDue && failedOnce.has(messageId) && at > failedAt + 1_000) {
        isSecondDue = false;
        failedAt = at;
        return fails();
      }
      if (at < nextAt || !isForgiven() || failedOnce.has(messageId)) return TAKES;
      failedOnce.add(messageId);
      if (temper === 'hangs') {
        misbehaved(at + HUNG_MS);
        return { kind: 'hangs' };
      }
      misbehaved(at);
      if (left > 0 && singles > SINGLES_BEFORE) {
        left -= 1;
        isSecondDue = true;
      }
      return fails();
    },
    succeeded(cameAt) {
      succeededAt = Math.max(succeededAt, cameAt);
    },
    mayBeAway: () => !isCalm && temper === 'restarts' && now() >= nextAt && isForgiven(),
    isBackAgain: () => misbehaved(now()),
    calm() {
      isCalm = true;
    },
  };
}
