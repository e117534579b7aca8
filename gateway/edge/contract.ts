/** How a refusal leaves: the contract's codes as HTTP statuses, and a sentence for each that says nothing of the request. */
import { HeaderMap } from '@apollo/server';
import { GraphQLError } from 'graphql';
import { AppError } from '../../core/platform/errors.ts';
import type { ErrorCode } from '../../core/platform/errors.ts';

export const GENERIC_MESSAGE: Readonly<Record<ErrorCode, string>> = {
  UNAUTHENTICATED: 'Sign in: no valid token of this installation came with the request.',
  FORBIDDEN: 'This is not yours to do.',
  BAD_USER_INPUT: 'A value of the request is not valid.',
  NOT_FOUND: 'There is no such thing, or it is not yours to see.',
  CONFLICT: 'Somebody else has changed it meanwhile; read it again.',
  ILLEGAL_TRANSITION: 'This cannot be done in the present state.',
  ROUTING_FORBIDDEN: 'This must not be sent there.',
  IDEMPOTENCY_KEY_REUSED: 'This idempotency key was used for something else.',
  QUERY_TOO_COMPLEX: 'The query asks for too much at once.',
  SOURCE_UNAVAILABLE: 'A part of the answer cannot be had at the moment.',
  RATE_LIMITED: 'Too many requests; wait a little.',
  INTERNAL: 'Something went wrong inside. The log has it under this id.',
};

export const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(GENERIC_MESSAGE, code);

const STATUS: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  BAD_USER_INPUT: 400,
  QUERY_TOO_COMPLEX: 400,
  RATE_LIMITED: 429,
  SOURCE_UNAVAILABLE: 503,
  INTERNAL: 500,
};

/** Of a request that is refused as a whole. */
export const statusOf = (code: ErrorCode): number => STATUS[code] ?? 403;

/** A refusal of the whole request, as Apollo Server wants it thrown. */
export function refusalOf(error: AppError): GraphQLError {
  const headers = new HeaderMap(error.code === 'UNAUTHENTICATED' ? [['www-authenticate', 'Bearer']] : []);
  // Another GraphQL server's types, installed beside Apollo's, want plain headers here; Apollo takes its own map only.
  const extensions: Record<string, unknown> = { code: error.code, http: { status: statusOf(error.code), headers } };
  return new GraphQLError(error.message, { originalError: error, extensions });
}

/** Our own error at the bottom of what libraries wrapped around it. */
export function appErrorIn(error: unknown): AppError | null {
  let current: unknown = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    if (current instanceof AppError) return current;
    current = current instanceof GraphQLError ? current.originalError : undefined;
  }
  return null;
}

/** What an AppError may tell the caller beside its code. */
const DETAILS = ['field', 'currentVersion', 'status', 'allowed', 'retryAfter', 'logId'] as const;

export const publicDetails = (details: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(DETAILS.flatMap((name) => (details[name] === undefined ? [] : [[name, details[name]]])));
