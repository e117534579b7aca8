/** The police gateway's way of asking: every request signed, every reply an envelope of code, message and data. */
import { createHash, createHmac } from 'node:crypto';
import { z } from 'zod';
import type { SourceCode } from '../../core/department.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { retryAfterMs } from '../kit/http.ts';
import type { Http, HttpReply } from '../kit/http.ts';
import type { KitLog } from '../kit/kit.ts';
import { theText, tryParse } from '../kit/parse.ts';
import { wireFault } from '../kit/wire-fault.ts';

export interface SignedRequest {
  readonly method: 'GET' | 'POST';
  /** With the query; below the gateway's own path. */
  readonly path: string;
  readonly body?: unknown;
  readonly signal: AbortSignal;
  /** Makes the error for a refusal that the caller knows the code of; null: it is the system's refusal. */
  readonly onRefusal?: (code: string) => Error | null;
}

export interface SignedHttp {
  /** The data of the reply, unparsed. Throws a WireFault for everything that is no good answer. */
  call(request: SignedRequest): Promise<unknown>;
}

export interface SignedHttpOptions {
  readonly source: SourceCode;
  readonly http: Http;
  readonly path: string;
  readonly keyId: string;
  readonly secret: string;
  readonly clock: Clock;
  /** Clocks further apart than this are not followed: a signature for next year would be good next year. */
  readonly maxClockSkewMs: number;
  readonly log: KitLog;
}

/** Base64(HMAC-SHA-256) over method, path with query, date and digest, one a line. */
export const signatureOf = (
  secret: string,
  method: string,
  pathWithQuery: string,
  date: string,
  digest: string,
): string => createHmac('sha256', secret).update(`${method}\n${pathWithQuery}\n${date}\n${digest}`).digest('base64');

export const digestOf = (body: string): string => `SHA-256=${createHash('sha256').update(body).digest('base64')}`;

const DONE = '0000';
const CLOCKS_DIFFER = '4011';

// 代码, 信息, 数据; the message is never looked at, it may quote what was asked.
const envelopeWire = z.object({ dm: theText, sj: z.unknown().optional() });

export function createSignedHttp(options: SignedHttpOptions): SignedHttp {
  const { source, http, keyId, secret, clock, maxClockSkewMs, log } = options;
  /** What the police's clock is ahead of ours, as last learnt. */
  let aheadMs = 0;

  const send = ({ method, path, body, signal }: SignedRequest): Promise<HttpReply> => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const target = `${options.path}${path}`;
    const date = new Date(clock.wall().getTime() + aheadMs).toUTCString();
    const digest = digestOf(text);
    const signature = signatureOf(secret, method, target, date, digest);
    return http.request({
      method,
      path: target,
      headers: {
        accept: 'application/json',
        date,
        digest,
        authorization: `HMAC-SHA256 Credential=${keyId}, Signature=${signature}`,
        ...(text === '' ? {} : { 'content-type': 'application/json; charset=utf-8' }),
      },
      ...(text === '' ? {} : { body: text }),
      signal,
    });
  };

  const envelopeOf = (reply: HttpReply) => {
    let content: unknown;
    try {
      content = JSON.parse(reply.body.toString('utf8'));
    } catch {
      // Without the cause, which quotes the text.
      return { fault: wireFault(source, 'unparsable', { field: '(json)' }) };
    }
    return tryParse(source, envelopeWire, content);
  };

  /** Sets our time by the Date header of an answer that says the clocks differ. */
  const learnClock = ({ headers }: HttpReply): boolean => {
    const theirs = typeof headers['date'] === 'string' ? Date.parse(headers['date']) : NaN;
    const ahead = theirs - clock.wall().getTime();
    // Also when there is no date: NaN is not less.
    if (!(Math.abs(ahead) <= maxClockSkewMs)) return false;
    aheadMs = ahead;
    log.warn({ source, aheadSeconds: Math.round(ahead / 1_000) }, 'the clock of a department differs from ours');
    return true;
  };

  const open = (reply: HttpReply, { onRefusal }: SignedRequest): unknown => {
    if (reply.status === 429) {
      const wait = retryAfterMs(reply.headers, new Date(clock.wall().getTime() + aheadMs));
      throw wireFault(source, 'limited', wait === null ? {} : { retryAfterMs: wait });
    }
    if (reply.status === 502 || reply.status === 504) throw wireFault(source, 'unreachable');
    const envelope = envelopeOf(reply);
    if ('fault' in envelope) {
      // A proxy's or the server's own page instead of an envelope: it said no, in its way.
      throw reply.status >= 400 ? wireFault(source, 'refused', { cause: envelope.fault }) : envelope.fault;
    }
    const { dm, sj } = envelope.value;
    if (reply.status < 300 && dm === DONE) return sj;
    const code = /^\d{4}$/.test(dm) ? dm : 'unnamed';
    throw onRefusal?.(code) ?? wireFault(source, 'refused', { cause: new Error(`HTTP ${reply.status}, code ${code}`) });
  };

  return {
    async call(request) {
      const reply = await send(request);
      if (reply.status !== 401) return open(reply, request);
      const envelope = envelopeOf(reply);
      const differs = 'value' in envelope && envelope.value.dm === CLOCKS_DIFFER;
      // Once: a second answer of this kind is a refusal like any other.
      return open(differs && learnClock(reply) ? await send(request) : reply, request);
    },
  };
}
