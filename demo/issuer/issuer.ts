/**
 * The demo's token issuer: a small but real OpenID provider (discovery, JWKS, Ed25519) without accounts. Whoever can read
 * its folder may be anybody, which is why it listens on this machine only and the demo refuses to run beside real data.
 */
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, jwtVerify, SignJWT } from 'jose';
import type { JWK } from 'jose';
import { z } from 'zod';
import type { Clock } from '../../core/platform/clock.ts';
import { AppError } from '../../core/platform/errors.ts';
import { freePort } from '../../core/platform/free-port.ts';

export interface DemoIdentity {
  /** Organisation code; `centre` is the centre itself. */
  readonly org: string;
  readonly roles: readonly string[];
  readonly subject: string;
  readonly name: string;
}

export interface DemoIssuer {
  /** `iss` of its tokens, kept over restarts. */
  readonly url: string;
  readonly audience: string;
  /** A bearer token; lives twelve hours unless said otherwise. */
  mintToken(identity: DemoIdentity, lifetimeSeconds?: number): Promise<string>;
  /** For the sign-in link: good for an hour, worth nothing as a token. */
  mintTicket(identity: DemoIdentity): Promise<string>;
  /** The token that a ticket stands for; null when it is not one or has expired. */
  redeemTicket(ticket: string): Promise<string | null>;
  /** Serves discovery and keys on `url`. One process does; others only mint. */
  serve(): Promise<{ close(): Promise<void> }>;
}

export interface DemoIssuerOptions {
  readonly folder: string;
  readonly audience: string;
  readonly clock: Pick<Clock, 'wall'>;
  /** Loopback only. */
  readonly host?: string;
}

const TOKEN_SECONDS = 12 * 60 * 60;
const TICKET_SECONDS = 60 * 60;
const TICKET_AUDIENCE = 'maplebridge.sign-in';
const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];

const State = z.object({
  port: z.number().int(),
  key: z.object({ kty: z.literal('OKP'), crv: z.string(), x: z.string(), d: z.string() }),
});
const TicketClaims = z.object({ sub: z.string(), name: z.string(), org: z.string(), roles: z.array(z.string()) });

/** Opens the issuer kept in the folder, or makes a new one there. */
export async function openDemoIssuer({
  folder,
  audience,
  clock,
  host = '127.0.0.1',
}: DemoIssuerOptions): Promise<DemoIssuer> {
  if (!LOOPBACK.includes(host)) {
    throw new AppError('BAD_USER_INPUT', "The demo's issuer listens on this machine only; set HOST to 127.0.0.1.");
  }
  const { port, key } = await stateIn(folder);
  const privateKey = await importJWK(key, 'EdDSA');
  const publicJwk: JWK = { kty: key.kty, crv: key.crv, x: key.x };
  const kid = await calculateJwkThumbprint(publicJwk);
  const publicKey = await importJWK(publicJwk, 'EdDSA');
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

  const mint = ({ org, roles, subject, name }: DemoIdentity, aud: string, seconds: number): Promise<string> => {
    const now = Math.floor(clock.wall().getTime() / 1000);
    return new SignJWT({ org, roles: [...roles], name })
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'JWT' })
      .setIssuer(url)
      .setAudience(aud)
      .setSubject(subject)
      .setIssuedAt(now)
      .setExpirationTime(now + seconds)
      .setJti(randomUUID())
      .sign(privateKey);
  };

  return {
    url,
    audience,
    mintToken: (identity, lifetimeSeconds = TOKEN_SECONDS) => mint(identity, audience, lifetimeSeconds),
    mintTicket: (identity) => mint(identity, TICKET_AUDIENCE, TICKET_SECONDS),
    async redeemTicket(ticket) {
      const verified = await jwtVerify(ticket, publicKey, {
        issuer: url,
        audience: TICKET_AUDIENCE,
        algorithms: ['EdDSA'],
        currentDate: clock.wall(),
      }).catch(() => null);
      if (!verified) return null;
      const { sub: subject, ...claims } = TicketClaims.parse(verified.payload);
      return mint({ ...claims, subject }, audience, TOKEN_SECONDS);
    },
    serve: () =>
      serve(host, port, {
        '/.well-known/openid-configuration': {
          issuer: url,
          jwks_uri: `${url}/jwks`,
          id_token_signing_alg_values_supported: ['EdDSA'],
          response_types_supported: ['id_token'],
          subject_types_supported: ['public'],
        },
        '/jwks': { keys: [{ ...publicJwk, kid, alg: 'EdDSA', use: 'sig' }] },
      }),
  };
}

/** The port is kept with the key: a token names its issuer by address, and outlives a restart. */
async function stateIn(folder: string): Promise<z.infer<typeof State>> {
  const file = join(folder, 'issuer.json');
  if (!existsSync(file)) {
    const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
    const { kty, crv, x, d } = await exportJWK(privateKey);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const fresh = `${file}.${process.pid}`;
    writeFileSync(fresh, `${JSON.stringify({ port: await freePort(), key: { kty, crv, x, d } })}\n`, { mode: 0o600 });
    try {
      // A link, not a rename: of two first starts at once only one key may win, or the other's tokens are worth nothing.
      linkSync(fresh, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(fresh, { force: true });
    }
  }
  try {
    return State.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new AppError('INTERNAL', "The demo issuer's issuer.json is damaged; delete it and start again.", { cause });
  }
}

function serve(
  host: string,
  port: number,
  documents: Readonly<Record<string, object>>,
): Promise<{ close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const document = request.method === 'GET' && Object.hasOwn(documents, path) ? documents[path] : undefined;
    response.writeHead(document ? 200 : 404, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(document ?? { title: 'Not found' }));
  });
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new AppError(
          'INTERNAL',
          `The demo issuer cannot listen on port ${port}: Maplebridge runs already, or another program has it (then delete the issuer's folder).`,
          { cause },
        ),
      ),
    );
    server.listen(port, host, () =>
      resolve({
        close: () =>
          new Promise((done, failed) => {
            server.close((error) => (error ? failed(error) : done()));
            server.closeAllConnections();
          }),
      }),
    );
  });
}
