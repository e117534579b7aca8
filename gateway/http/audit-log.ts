/**
 * The audit log for whoever checks it (C2SP tlog-tiles): checkpoint, key and hash tiles are open to everybody and say nothing of
 * what was done; bundles of entries are for auditors.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../../core/access/caller.ts';
import { parseTilePath } from '../../core/audit/log/tile.ts';
import { AppError } from '../../core/platform/errors.ts';

export interface AuditLogRoutes {
  /** The signed checkpoint; null before the first. */
  readonly checkpoint: () => Promise<string | null>;
  /** `name+id+key` of the key that signs it; null before there is a log. */
  readonly vkey: () => Promise<string | null>;
  readonly tile: (level: number, index: number, width: number) => Promise<Buffer | null>;
  readonly bundle: (index: number, width: number) => Promise<Buffer | null>;
  /** Rejects those who may not read whole bundles. */
  readonly admitToBundles: (caller: Caller, bundle: string) => Promise<void>;
  readonly authenticate: (headers: IncomingHttpHeaders, requestId: string) => Promise<Caller>;
}

const LEVEL = /^(?:0|[1-5]?\d|6[0-3])$/;
/** What is whole never changes. */
const FOR_EVER = 'public, max-age=31536000, immutable';

const nothing = (): AppError => new AppError('NOT_FOUND', 'The log has nothing at this address.');

function send(reply: FastifyReply, bytes: Buffer | null, kept: string): FastifyReply {
  if (bytes === null) throw nothing();
  return reply.type('application/octet-stream').header('cache-control', kept).send(bytes);
}

function sendText(reply: FastifyReply, text: string | null): FastifyReply {
  if (text === null) throw nothing();
  return reply.type('text/plain; charset=utf-8').send(text);
}

export function addAuditLog(app: FastifyInstance, routes: AuditLogRoutes): void {
  app.get('/audit/checkpoint', async (_request, reply) => sendText(reply, await routes.checkpoint()));
  app.get('/audit/vkey', async (_request, reply) => sendText(reply, await routes.vkey()));
  app.get('/audit/tile/entries/*', async (request, reply) => {
    const caller = await routes.authenticate(request.headers, request.id);
    const path = (request.params as { '*': string })['*'];
    await routes.admitToBundles(caller, path);
    const place = parseTilePath(path);
    return send(reply, place && (await routes.bundle(place.index, place.width)), 'no-store');
  });
  app.get('/audit/tile/:level/*', async (request, reply) => {
    const { level, '*': path } = request.params as { level: string; '*': string };
    const place = LEVEL.test(level) ? parseTilePath(path) : null;
    return send(reply, place && (await routes.tile(Number(level), place.index, place.width)), FOR_EVER);
  });
}
