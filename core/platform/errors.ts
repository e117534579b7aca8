/** The codes of the public contract (`extensions.code`). An AppError is translated into an answer at three edges only: GraphQL, worker, HTTP. */
export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'BAD_USER_INPUT'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'ILLEGAL_TRANSITION'
  | 'ROUTING_FORBIDDEN'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'QUERY_TOO_COMPLEX'
  | 'SOURCE_UNAVAILABLE'
  | 'RATE_LIMITED'
  | 'INTERNAL';

export interface AppErrorOptions {
  /** True when the same call may succeed later without any change. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
  /** Goes to the caller beside the code: `field`, `currentVersion`, `allowed`, `retryAfter`. Never a person's data. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A refusal or fault with a message fit for the person who meets it. Messages carry no personal data and no submitted value. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
  }
}

export const badInput = (field: string, message: string): AppError =>
  new AppError('BAD_USER_INPUT', message, { details: { field } });
