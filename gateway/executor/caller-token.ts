/**
 * How the gateway proves to a subgraph's service who asks. A token is for one subgraph (audience and key of its own), for
 * one body (digest) and for seconds, so that one taken from the wire opens nothing else.
 */
import { createHash } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { PURPOSES, ROLES } from '../../core/access/caller.ts';
import type { Caller } from '../../core/access/caller.ts';
import type { Clock } from '../../core/platform/clock.ts';
import type { Keyring } from '../../core/platform/keyring.ts';

const LIFETIME_SECONDS = 30;
const TOLERANCE_SECONDS = 5;
const ISSUER = 'maplebridge.gateway';

const CallerClaim = z.object({
  subject: z.string(),
  name: z.string().nullable(),
  organisation: z.object({
    id: z.string(),
    code: z.string(),
    kind: z.string(),
    path: z.string(),
    selfAndAbove: z.array(z.string()),
    sources: z.array(z.string()),
  }),
  roles: z.array(z.enum(ROLES)),
  purpose: z.enum(PURPOSES).nullable(),
  reason: z.string().nullable(),
  requestId: z.string(),
});

const Claims = z.object({ caller: CallerClaim, digest: z.string() });

export interface CallerTokens {
  sign(caller: Caller, body: string | Buffer): Promise<string>;
  /** Null for a token of anybody else, for another subgraph or body, or too old. */
  verify(token: string, body: string | Buffer): Promise<Caller | null>;
}

export function createCallerTokens(subgraph: string, keyring: Keyring, clock: Pick<Clock, 'wall'>): CallerTokens {
  const key = keyring.key(`subgraph.${subgraph}`);
  const digestOf = (body: string | Buffer): string => createHash('sha256').update(body).digest('base64url');
  return {
    sign(caller, body) {
      const now = Math.floor(clock.wall().getTime() / 1000);
      return new SignJWT({ caller, digest: digestOf(body) })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(ISSUER)
        .setAudience(subgraph)
        .setIssuedAt(now)
        .setExpirationTime(now + LIFETIME_SECONDS)
        .sign(key);
    },
    async verify(token, body) {
      const verified = await jwtVerify(token, key, {
        issuer: ISSUER,
        audience: subgraph,
        algorithms: ['HS256'],
        currentDate: clock.wall(),
        clockTolerance: TOLERANCE_SECONDS,
        maxTokenAge: LIFETIME_SECONDS,
        requiredClaims: ['exp'],
      }).catch(() => null);
      const claims = Claims.safeParse(verified?.payload);
      return claims.success && claims.data.digest === digestOf(body) ? claims.data.caller : null;
    },
  };
}
