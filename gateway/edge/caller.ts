/** From a request's headers to who is asking. Every way to fail looks the same from outside. */
import type { IncomingHttpHeaders } from 'node:http';
import { createRemoteJWKSet, errors as joseErrors, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import type { JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { PURPOSES, ROLES } from '../../core/access/caller.ts';
import type { Caller, CallerOrganisation, Purpose } from '../../core/access/caller.ts';
import type { Clock } from '../../core/platform/clock.ts';
import { AppError, badInput } from '../../core/platform/errors.ts';
import { GENERIC_MESSAGE } from './contract.ts';

export interface AuthenticatorOptions {
  readonly issuer: string;
  readonly audience: string;
  /** Null for one that does not exist or is closed. */
  readonly organisationByCode: (code: string) => Promise<CallerOrganisation | null>;
  readonly clock: Pick<Clock, 'wall'>;
  /** The demo's sign-in link sets a cookie that holds the token. */
  readonly acceptCookie: boolean;
  /** Writes down that somebody has come: once a token, before its first answer. When it rejects, nobody is let in. */
  readonly noteSignIn?: (caller: Caller, until: Date) => Promise<void>;
}

/** Throws UNAUTHENTICATED, BAD_USER_INPUT for a header, SOURCE_UNAVAILABLE when the issuer does not answer. */
export type Authenticate = (headers: IncomingHttpHeaders, requestId: string) => Promise<Caller>;

export const SESSION_COOKIE = 'maplebridge_session';

// Public-key signatures only: with HS256 whoever reads the public key could sign.
const ALGORITHMS = [
  'EdDSA',
  'Ed25519',
  'ES256',
  'ES384',
  'ES512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
];
const TOLERANCE_SECONDS = 30;
const ISSUER_TIMEOUT_MS = 5_000;
/** A token comes with every question of its bearer; its signature does not change meanwhile, at most its issuer's keys. */
const TRUST_MS = 60_000;
const MOST_TRUSTED = 2_000;
const REASON_LENGTH = 500;

const Claims = z.object({
  sub: z.string().min(1).max(200),
  name: z.string().max(200).optional(),
  org: z.string().min(1).max(100),
  roles: z.array(z.enum(ROLES)).min(1).max(ROLES.length),
  exp: z.number(),
});

const unauthenticated = (cause?: unknown): AppError =>
  new AppError('UNAUTHENTICATED', GENERIC_MESSAGE.UNAUTHENTICATED, { cause });

export function createAuthenticator(options: AuthenticatorOptions): Authenticate {
  const { issuer, audience, organisationByCode, clock, acceptCookie } = options;
  const keys = createIssuerKeys(issuer);
  const trusted = new LRUCache<string, { readonly claims: z.infer<typeof Claims>; readonly until: number }>({
    max: MOST_TRUSTED,
  });
  const greetings = new LRUCache<string, Promise<void>>({ max: MOST_TRUSTED });
  return async (headers, requestId) => {
    const token = tokenIn(headers, acceptCookie);
    if (token === null) throw unauthenticated();
    const claims = await claimsOf(token);
    const organisation = await organisationByCode(claims.org);
    if (!organisation) throw unauthenticated();
    const caller: Caller = {
      subject: claims.sub,
      name: claims.name ?? null,
      organisation,
      roles: claims.roles,
      purpose: purposeIn(headers),
      reason: reasonIn(headers),
      requestId,
    };
    await greeted(token, caller, new Date(claims.exp * 1_000));
    return caller;
  };

  function greeted(token: string, caller: Caller, until: Date): Promise<void> {
    const known = greetings.get(token);
    if (known || !options.noteSignIn) return known ?? Promise.resolve();
    const noted = options.noteSignIn(caller, until);
    greetings.set(token, noted);
    // Tried again with the next request; this one's failure goes to who waits for it.
    noted.catch(() => greetings.delete(token));
    return noted;
  }

  async function claimsOf(token: string): Promise<z.infer<typeof Claims>> {
    const now = clock.wall().getTime();
    const known = trusted.get(token);
    if (known && now < known.until) return known.claims;
    const claims = await verify(token);
    trusted.set(token, { claims, until: Math.min(now + TRUST_MS, (claims.exp + TOLERANCE_SECONDS) * 1_000) });
    return claims;
  }

  async function verify(token: string): Promise<z.infer<typeof Claims>> {
    const getKey = await keys();
    try {
      const { payload } = await jwtVerify(token, getKey, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: TOLERANCE_SECONDS,
        currentDate: clock.wall(),
        requiredClaims: ['exp', 'sub'],
      });
      return Claims.parse(payload);
    } catch (cause) {
      if (cause instanceof joseErrors.JWKSTimeout) throw issuerDown(cause);
      // jose's own faults and unknown claims are the token's; anything else (no connection, no JSON) is the issuer's.
      if (cause instanceof joseErrors.JOSEError && cause.code !== 'ERR_JOSE_GENERIC') throw unauthenticated(cause);
      if (cause instanceof z.ZodError) throw unauthenticated(cause);
      throw issuerDown(cause);
    }
  }
}

const issuerDown = (cause: unknown): AppError =>
  new AppError('SOURCE_UNAVAILABLE', 'Nobody can be signed in at the moment: the token issuer does not answer.', {
    retryable: true,
    cause,
  });

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });

/** Discovery is asked once it is needed and again after a failure; an issuer may start after us. Keys are kept and fetched again by jose. */
function createIssuerKeys(issuer: string): () => Promise<JWTVerifyGetKey> {
  let found: Promise<JWTVerifyGetKey> | null = null;
  const discover = async (): Promise<JWTVerifyGetKey> => {
    const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
      signal: AbortSignal.timeout(ISSUER_TIMEOUT_MS),
      redirect: 'error',
    });
    const { issuer: named, jwks_uri: uri } = Discovery.parse(await response.json());
    if (named !== issuer) throw new Error('The issuer calls itself something else.');
    return createRemoteJWKSet(new URL(uri), { timeoutDuration: ISSUER_TIMEOUT_MS });
  };
  return async () => {
    found ??= discover();
    try {
      return await found;
    } catch (cause) {
      found = null;
      throw issuerDown(cause);
    }
  };
}

function tokenIn(headers: IncomingHttpHeaders, acceptCookie: boolean): string | null {
  // A header that is there but wrong is not made good by a cookie.
  if (headers.authorization !== undefined) return /^Bearer ([\w.~+/=-]+)$/i.exec(headers.authorization)?.[1] ?? null;
  if (!acceptCookie) return null;
  const cookie = (headers.cookie ?? '').split(';').find((part) => part.trim().startsWith(`${SESSION_COOKIE}=`));
  return cookie?.trim().slice(SESSION_COOKIE.length + 1) ?? null;
}

const headerIn = (headers: IncomingHttpHeaders, name: string): string | null => {
  const value = headers[name];
  const text = (Array.isArray(value) ? value.join(' ') : value)?.trim();
  return text ? text : null;
};

function purposeIn(headers: IncomingHttpHeaders): Purpose | null {
  const value = headerIn(headers, 'x-purpose');
  if (value === null) return null;
  const purpose = PURPOSES.find((known) => known === value);
  if (!purpose) throw badInput('x-purpose', `The header x-purpose must be one of ${PURPOSES.join(', ')}.`);
  return purpose;
}

/** Header bytes reach us as Latin-1. A Chinese sentence comes percent-encoded (browsers allow nothing else) or as raw UTF-8. */
function reasonIn(headers: IncomingHttpHeaders): string | null {
  const value = headerIn(headers, 'x-reason');
  if (value === null) return null;
  const text = (percentDecoded(value) ?? utf8(value) ?? value).replace(/\p{Cc}+/gu, ' ').trim();
  if (text.length > REASON_LENGTH)
    throw badInput('x-reason', `The header x-reason must be at most ${REASON_LENGTH} characters.`);
  return text === '' ? null : text;
}

function percentDecoded(value: string): string | null {
  if (!/%[0-9a-f]{2}/i.test(value)) return null;
  try {
    return decodeURIComponent(value);
  } catch {
    // "50 % of …": a percent sign that encodes nothing.
    return null;
  }
}

function utf8(value: string): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(value, 'latin1'));
  } catch {
    return null;
  }
}
