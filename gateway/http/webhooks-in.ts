/** POST /webhooks/in/{organisation code}: the bytes as they came, to whoever judges them; the answer as problem+json (RFC 9457). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { MAX_INBOUND_BYTES, type Problem, type Receive } from '../../core/delivery/receive.ts';

export interface InboundWebhooksOptions {
  /** Addresses are fastify's `request.ip`: behind a proxy the server must be told to trust it, or all departments are one address. */
  readonly receive: Receive['receive'];
}

const ROUTE = '/webhooks/in/:organisation';

/** Null when there is more than is taken: then the rest stays unread. */
async function readBytes(request: IncomingMessage): Promise<Buffer | null> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_INBOUND_BYTES) return null;
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MAX_INBOUND_BYTES) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** In a scope of its own: elsewhere JSON is parsed as ever. */
export function addInboundWebhooks(app: FastifyInstance, { receive }: InboundWebhooksOptions): void {
  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    // Whatever it says it is, or if it says nothing that can be read: the signature decides, and then whether it is JSON.
    scope.addHook('onRequest', (request, _reply, next) => {
      delete request.headers['content-type'];
      next();
    });
    scope.addContentTypeParser('*', (_request: FastifyRequest, payload: IncomingMessage) => readBytes(payload));
    scope.post<{ Params: { organisation: string } }>(ROUTE, async (request, reply) => {
      // Without a body nothing was parsed; a body that is too long is null.
      const rawBody = request.body === undefined ? Buffer.alloc(0) : (request.body as Buffer | null);
      const { headers, ip } = request;
      const answer = await receive({ organisationCode: request.params.organisation, address: ip, headers, rawBody });
      // The rest of a body that is too long is not waited for.
      if (rawBody === null) reply.header('connection', 'close');
      if (answer.status === 202) return reply.code(202).send(answer.body);
      return sendProblem(reply, answer);
    });
    done();
  });
}

function sendProblem(reply: FastifyReply, { status, title, code, detail, errors, retryAfter }: Problem): FastifyReply {
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  return reply
    .code(status)
    .type('application/problem+json')
    .send({
      type: 'about:blank',
      title,
      status,
      code,
      ...(detail !== undefined && { detail }),
      ...(errors && { errors }),
    });
}
