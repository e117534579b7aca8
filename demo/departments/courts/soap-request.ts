/** What arrives at the court's service: the envelope, and whether its UsernameToken is good. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { XMLParser } from 'fast-xml-parser';

export const USERNAME = 'zzzx';

export interface SoapRequest {
  readonly operation: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly token: {
    readonly username: string;
    readonly digest: string;
    readonly nonce: string;
    readonly created: string;
  } | null;
}

const parser = new XMLParser({ removeNSPrefix: true, parseTagValue: false, ignoreDeclaration: true });

const inside = (node: unknown, ...names: readonly string[]): unknown =>
  names.reduce<unknown>(
    (at, name) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[name] : undefined),
    node,
  );

/** Null when it is no SOAP envelope with one operation. */
export function readSoapRequest(xml: string): SoapRequest | null {
  if (/<!(DOCTYPE|ENTITY)/i.test(xml)) return null;
  let parsed: unknown;
  try {
    parsed = parser.parse(xml, true);
  } catch {
    return null;
  }
  const body = inside(parsed, 'Envelope', 'Body');
  if (typeof body !== 'object' || body === null) return null;
  const [operation] = Object.keys(body);
  if (operation === undefined) return null;
  const content = inside(body, operation);
  const token = inside(parsed, 'Envelope', 'Header', 'Security', 'UsernameToken');
  const part = (name: string): string => {
    const text = inside(token, name);
    return typeof text === 'string' || typeof text === 'number' ? String(text) : '';
  };
  return {
    operation,
    body: typeof content === 'object' && content !== null ? (content as Record<string, unknown>) : {},
    token:
      token === undefined
        ? null
        : { username: part('Username'), digest: part('Password'), nonce: part('Nonce'), created: part('Created') },
  };
}

export type TokenCheck = (token: SoapRequest['token'], now: Date) => boolean;

const FRESH_MS = 5 * 60 * 1_000;

/** UsernameToken Profile 1.0 with PasswordDigest: five minutes of life, each nonce once. */
export function createTokenCheck(password: string): TokenCheck {
  const seen = new Map<string, number>();
  return (token, now) => {
    if (token === null || token.username !== USERNAME) return false;
    const created = Date.parse(token.created);
    if (Number.isNaN(created) || Math.abs(now.getTime() - created) > FRESH_MS) return false;
    const expected = createHash('sha1')
      .update(Buffer.from(token.nonce, 'base64'))
      .update(token.created)
      .update(password)
      .digest();
    const given = Buffer.from(token.digest, 'base64');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
    if (seen.has(token.nonce)) return false;
    seen.set(token.nonce, now.getTime());
    // Insertion order is age.
    for (const [nonce, at] of seen) {
      if (now.getTime() - at <= 2 * FRESH_MS) break;
      seen.delete(nonce);
    }
    return true;
  };
}
