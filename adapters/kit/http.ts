/** HTTP to one department's system: kept-alive connections, the caller's signal, a limit on what is read. */
import { Pool } from 'undici';
import type { SourceCode } from '../../core/department.ts';
import { isWireFault, wireFault } from './wire-fault.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** With the query; must hold nothing that identifies a person, for addresses end in logs. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly signal: AbortSignal;
}

export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface Http {
  /** Any status resolves; only what is no reply at all throws a WireFault. */
  request(request: HttpRequest): Promise<HttpReply>;
  close(): Promise<void>;
}

export interface HttpOptions {
  readonly source: SourceCode;
  /** `http://host:port` */
  readonly origin: string;
  readonly connections: number;
  readonly maxReplyBytes?: number;
}

const MAX_REPLY_BYTES = 32 * 1024 * 1024;

export function createHttp({ source, origin, connections, maxReplyBytes = MAX_REPLY_BYTES }: HttpOptions): Http {
  // Time is the caller's business, by signal; the pool's own time limits would only fire in the wrong order.
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    connectTimeout: 5_000,
  });
  return {
    async request({ method, path, headers, body, signal }) {
      try {
        const reply = await pool.request({
          method,
          path,
          signal,
          ...(headers === undefined ? {} : { headers: { ...headers } }),
          ...(body === undefined ? {} : { body }),
        });
        const parts: Buffer[] = [];
        let size = 0;
        for await (const part of reply.body as AsyncIterable<Buffer>) {
          size += part.length;
          if (size > maxReplyBytes) throw wireFault(source, 'unparsable', { field: '(reply larger than allowed)' });
          parts.push(part);
        }
        return { status: reply.statusCode, headers: reply.headers, body: Buffer.concat(parts) };
      } catch (error) {
        signal.throwIfAborted();
        const name = (error as NodeJS.ErrnoException).code ?? '';
        // Bytes that are no HTTP at all: somebody else listens there, or it is out of its mind.
        if (name.startsWith('HPE_')) throw wireFault(source, 'unparsable', { field: '(http)' });
        if (isWireFault(error)) throw error;
        throw wireFault(source, 'unreachable', { cause: error });
      }
    },
    close: () => pool.destroy(),
  };
}

/** `Retry-After` in seconds or as a date, in milliseconds from `now`; null when absent or unreadable. */
export function retryAfterMs(headers: HttpReply['headers'], now: Date): number | null {
  const value = headers['retry-after'];
  if (typeof value !== 'string') return null;
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}
