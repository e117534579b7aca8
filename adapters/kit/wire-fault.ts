import type { SourceCode } from '../../core/department.ts';
import { AppError } from '../../core/platform/errors.ts';

/**
 * What went wrong between us and a department's system.
 * unreachable: no connection, or it broke (tried again at once, within the budget) · refused: it answered, and said no ·
 * unparsable: it answered what its contract does not allow · limited: its quota is spent · slow: no answer within the
 * budget · open: the circuit is open, it was not asked · crowded: too many of ours are waiting already.
 */
export type WireFaultReason = 'unreachable' | 'refused' | 'unparsable' | 'limited' | 'slow' | 'open' | 'crowded';

export interface WireFaultOptions {
  /** Path of the field that did not parse; names of fields only, never a value. */
  readonly field?: string;
  /** What the system asked us to wait. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** Messages name the system and the field, never a key, a value or anything else the system sent. */
export class WireFault extends AppError {
  readonly reason: WireFaultReason;
  readonly field: string | null;
  readonly retryAfterMs: number | null;

  constructor(reason: WireFaultReason, message: string, options: WireFaultOptions = {}) {
    super('SOURCE_UNAVAILABLE', message, {
      retryable: true,
      ...(options.cause === undefined ? {} : { cause: options.cause }),
      ...(options.retryAfterMs === undefined
        ? {}
        : { details: { retryAfter: Math.ceil(options.retryAfterMs / 1_000) } }),
    });
    this.reason = reason;
    this.field = options.field ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

export const isWireFault = (error: unknown): error is WireFault => error instanceof WireFault;

const TEXTS: Readonly<Record<WireFaultReason, string>> = {
  unreachable: 'cannot be reached',
  refused: 'refuses to answer',
  unparsable: 'answers what cannot be read',
  limited: 'has no quota left for us',
  slow: 'does not answer in time',
  open: 'is not asked until it answers again',
  crowded: 'has too many questions waiting',
};

export const wireFault = (source: SourceCode, reason: WireFaultReason, options: WireFaultOptions = {}): WireFault =>
  new WireFault(
    reason,
    `The system of ${source} ${TEXTS[reason]}${options.field === undefined ? '' : ` (field ${options.field})`}.`,
    options,
  );
