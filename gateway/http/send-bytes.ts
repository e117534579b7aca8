import type { FastifyInstance } from 'fastify';
import { encodeUtf8 } from '../../core/platform/utf8.ts';

/** Answers leave as bytes: Node would look at every text twice, once for its length. */
export function sendBytes(app: FastifyInstance): void {
  app.addHook('onSend', (_request, _reply, payload, done) => {
    done(null, typeof payload === 'string' ? encodeUtf8(payload) : payload);
  });
}
