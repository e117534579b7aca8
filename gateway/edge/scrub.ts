/**
 * The last door of every error: what leaves has one of the contract's codes and a message built here or by an AppError.
 * graphql-js quotes submitted values (a citizen ID in a mistyped variable), subgraphs may quote anything; nothing quoted
 * survives but names that the schema itself has.
 */
import { GraphQLError } from 'graphql';
import type { GraphQLFormattedError, GraphQLSchema } from 'graphql';
import type { ErrorCode } from '../../core/platform/errors.ts';
import { explainValidation } from './validation-message.ts';
import { appErrorIn, GENERIC_MESSAGE, isErrorCode, publicDetails } from './contract.ts';

export interface ScrubOptions {
  /** Null while it is not loaded. */
  readonly schema: () => GraphQLSchema | null;
  /** Writes down what is not told, and returns the id it is found by. */
  readonly report: (error: unknown) => string;
}

export type Scrub = (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;

/** Apollo Server's `formatError`. */
export function createScrub({ schema, report }: ScrubOptions): Scrub {
  return (formatted, error) => {
    const place = {
      ...(formatted.path && { path: formatted.path }),
      ...(formatted.locations && formatted.locations.length > 0 && { locations: formatted.locations }),
    };
    const own = appErrorIn(error);
    if (own && own.code !== 'INTERNAL') {
      return { message: own.message, ...place, extensions: { code: own.code, ...publicDetails(own.details) } };
    }
    const { code, service: origin, ...extensions } = formatted.extensions ?? {};
    // A subgraph's error was made fit to leave there, and says so by a code of the contract.
    if (origin !== undefined && isErrorCode(code)) {
      const service = code === 'SOURCE_UNAVAILABLE' ? { service: origin } : {};
      return { message: formatted.message, ...place, extensions: { code, ...publicDetails(extensions), ...service } };
    }
    const explained = explain(String(code), formatted.message, schema());
    if (explained) {
      const field = publicDetails(extensions);
      return { message: explained.message, ...place, extensions: { code: explained.code, ...field } };
    }
    return {
      message: own?.message ?? GENERIC_MESSAGE.INTERNAL,
      ...place,
      extensions: { code: 'INTERNAL', logId: report(unwrapped(error)) },
    };
  };
}

const unwrapped = (error: unknown): unknown => (error instanceof GraphQLError ? (error.originalError ?? error) : error);

interface Explained {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Apollo Server's own refusals in our words; null for what is nobody's fault but ours. */
function explain(code: string, message: string, schema: GraphQLSchema | null): Explained | null {
  const bad = (text: string): Explained => ({ code: 'BAD_USER_INPUT', message: text });
  switch (code) {
    case 'GRAPHQL_PARSE_FAILED':
      return /^Syntax Error: Document contains more/.test(message)
        ? { code: 'QUERY_TOO_COMPLEX', message: 'The query is too long.' }
        : bad('The query is not valid GraphQL at this place.');
    case 'GRAPHQL_VALIDATION_FAILED':
      return bad(explainValidation(message, schema));
    case 'BAD_USER_INPUT':
      return bad(GENERIC_MESSAGE.BAD_USER_INPUT);
    case 'OPERATION_RESOLUTION_FAILURE':
      return bad('operationName must name one operation of the query.');
    case 'PERSISTED_QUERY_NOT_SUPPORTED':
    case 'PERSISTED_QUERY_NOT_FOUND':
      // Clients recognise this message and send the whole query instead.
      return bad(code === 'PERSISTED_QUERY_NOT_FOUND' ? 'PersistedQueryNotFound' : 'PersistedQueryNotSupported');
    case 'BAD_REQUEST':
      return bad(
        BAD_REQUESTS.find(([pattern]) => pattern.test(message))?.[1] ??
          'The request must be a JSON object with query, and where needed variables and operationName.',
      );
    default:
      return null;
  }
}

const BAD_REQUESTS: readonly (readonly [RegExp, string])[] = [
  [/CSRF/, 'Send content-type: application/json, or the header apollo-require-preflight.'],
  [/^GET requests only support/, 'Send mutations by POST.'],
  [/[Bb]atching/, 'Send one operation at a time.'],
];
