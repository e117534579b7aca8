import type { FastifyReply, FastifyRequest } from 'fastify';
import { encodeUtf8 } from '../../core/platform/utf8.ts';

/** `onSend` of a route: answers leave as bytes. Of a long text Node would work out the length first, and then the bytes. */
export function sendBytes(
  _request: FastifyRequest,
  _reply: FastifyReply,
  payload: unknown,
  done: (error: null, payload: unknown) => void,
): void {
  done(null, typeof payload === 'string' ? encodeUtf8(payload) : payload);
}
