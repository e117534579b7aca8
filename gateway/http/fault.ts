import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../core/platform/errors.ts';
import type { ErrorCode } from '../../core/platform/errors.ts';
import { describeError } from '../../core/platform/log.ts';
import type { Log } from '../../core/platform/log.ts';
import { GENERIC_MESSAGE, publicDetails, statusOf } from '../edge/contract.ts';

/**
 * The HTTP edge's translation of an error: a GraphQL answer for /graphql, problem+json (RFC 9457) elsewhere. Fastify and
 * JSON.parse quote the body in their messages, so only the kind of fault is taken from them.
 */
export function answerFault(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  const { code, status, message, details } = faultOf(error);
  if (code === 'INTERNAL')
    log.error({ requestId: request.id, logId: request.id, error: describeError(error) }, 'a request failed inside');
  const extensions = { code, ...publicDetails(details), ...(code === 'INTERNAL' && { logId: request.id }) };
  if (code === 'UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer');
  if (request.routeOptions.url === '/graphql') {
    return reply
      .code(status)
      .type('application/json; charset=utf-8')
      .send({ errors: [{ message, extensions }] });
  }
  return reply
    .code(status)
    .type('application/problem+json')
    .send({ title: message, status, ...extensions });
}

interface Fault {
  readonly code: ErrorCode;
  readonly status: number;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

function faultOf(error: unknown): Fault {
  if (error instanceof AppError) {
    const { code, message, details } = error;
    return { code, status: code === 'NOT_FOUND' ? 404 : statusOf(code), message, details };
  }
  const status = (error as { statusCode?: unknown }).statusCode;
  if (status === 413)
    return { code: 'QUERY_TOO_COMPLEX', status, message: 'The body of the request is too large.', details: {} };
  if (status === 415) {
    return { code: 'BAD_USER_INPUT', status, message: 'Send the request as application/json.', details: {} };
  }
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return { code: 'BAD_USER_INPUT', status, message: 'The body of the request is not valid JSON.', details: {} };
  }
  return { code: 'INTERNAL', status: 500, message: GENERIC_MESSAGE.INTERNAL, details: {} };
}
