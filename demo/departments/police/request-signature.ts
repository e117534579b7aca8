/** Whether a request was signed with the key that the bureau gave out, within five minutes of the bureau's clock. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export const KEY_ID = 'zzzx-01';

export interface SignedParts {
  readonly method: string;
  /** As it stands in the request line, with the query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** 4010: not signed, or wrongly · 4011: the clocks differ. */
export type SignatureFault = '4010' | '4011';

const TOLERANCE_MS = 5 * 60 * 1_000;
const AUTHORIZATION = /^HMAC-SHA256 Credential=([\w.-]+), Signature=([A-Za-z0-9+/=]+)$/;

/** Null when all is well. */
export function signatureFault(secret: string, parts: SignedParts, now: Date): SignatureFault | null {
  const { method, target, headers, body } = parts;
  const { authorization, date, digest } = headers;
  if (typeof authorization !== 'string' || typeof date !== 'string' || typeof digest !== 'string') return '4010';
  const [, keyId, signature = ''] = AUTHORIZATION.exec(authorization) ?? [];
  if (keyId !== KEY_ID) return '4010';
  if (digest !== `SHA-256=${createHash('sha256').update(body).digest('base64')}`) return '4010';
  const expected = createHmac('sha256', secret).update([method, target, date, digest].join('\n')).digest();
  const given = Buffer.from(signature, 'base64');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return '4010';
  const difference = Math.abs(now.getTime() - Date.parse(date));
  // A date that is none is no number, and not within.
  return difference <= TOLERANCE_MS ? null : '4011';
}
