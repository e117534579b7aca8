/** What answers besides the database and the departments: Redis, the issuer, the gateway, subgraphs as services. */
import { z } from 'zod';
import type { Config } from '../../core/platform/config.ts';
import { createRedisClient } from '../../core/platform/redis-client.ts';
import { fail, ok, reasonOf, timed, warn, within, type Finding } from './finding.ts';

const PATIENCE_MS = 5_000;
/** Tokens are good from and to the second; we allow half a minute. */
const CLOCK_TOLERANCE_S = 30;

export async function lookAtRedis({ redisUrl }: Config): Promise<Finding[]> {
  if (redisUrl === null) return [ok('Redis: not set, so queues and cache are in PostgreSQL')];
  let redis: ReturnType<typeof createRedisClient>;
  try {
    redis = createRedisClient(redisUrl);
  } catch (error) {
    return [fail('Redis', reasonOf(error))];
  }
  // It tries for ever and tells why each time; the time limit below is what ends it.
  let lastCode: unknown;
  redis.on('error', (error: NodeJS.ErrnoException) => {
    lastCode = error.code;
  });
  try {
    const { value, ms } = await timed(() => within(PATIENCE_MS, redis.info()));
    const fact = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(value)?.[1] ?? 'unknown';
    const policy = fact('maxmemory_policy');
    return [
      ok(`Redis: ${fact('redis_version')}, answered in ${ms} ms`),
      ...(policy === 'noeviction' || policy === 'unknown'
        ? []
        : [warn(`Redis: maxmemory-policy is ${policy}`, 'set noeviction: queues must not lose single keys')]),
    ];
  } catch (error) {
    const code = typeof lastCode === 'string' ? ` (${lastCode})` : '';
    return [
      fail(
        `Redis: ${reasonOf(error)}${code}`,
        'see that it runs, and that REDIS_URL has the right address and password',
      ),
    ];
  } finally {
    redis.disconnect();
  }
}

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });
const Keys = z.object({ keys: z.array(z.unknown()).min(1) });

const ask = (url: string): Promise<Response> =>
  fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: 'error' });

export async function lookAtIssuer(issuer: string): Promise<Finding[]> {
  const what = `issuer ${issuer}`;
  try {
    const { value: response, ms } = await timed(() =>
      ask(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`),
    );
    const found = Discovery.safeParse(await response.json());
    if (!found.success) return [fail(`${what}: its discovery document is not one`, 'give its address as in `iss`')];
    if (found.data.issuer !== issuer) {
      return [fail(`${what}: it calls itself ${found.data.issuer}`, 'set OIDC_ISSUER to exactly that')];
    }
    const keys = Keys.safeParse(await (await ask(found.data.jwks_uri)).json());
    if (!keys.success) return [fail(`${what}: it publishes no keys`, 'see its jwks_uri')];
    const date = Date.parse(response.headers.get('date') ?? '');
    const skew = Number.isNaN(date) ? 0 : Math.round((Date.now() - date) / 1_000);
    return [
      ok(`${what}: answered in ${ms} ms`),
      ...(Math.abs(skew) > CLOCK_TOLERANCE_S
        ? [warn(`clock: ${skew} s off the issuer’s, so its tokens may be refused`, 'set both by NTP')]
        : []),
    ];
  } catch {
    return [fail(`${what}: no answer`, 'nobody can sign in; see that it can be reached from here')];
  }
}

const Readiness = z.object({ status: z.string(), checks: z.record(z.string(), z.boolean()).optional() });

export type Answer = { readonly ready: boolean; readonly waitsFor: readonly string[]; readonly ms: number } | null;

/** What /readyz says; null when nothing of ours answers there. */
export async function askReadiness(url: string): Promise<Answer> {
  try {
    const { value: response, ms } = await timed(() => ask(`${url}/readyz`));
    const { status, checks = {} } = Readiness.parse(await response.json());
    return { ready: status === 'ok', waitsFor: Object.keys(checks).filter((name) => !checks[name]), ms };
  } catch {
    return null;
  }
}

const reachable = (host: string): string => (host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host);

export const gatewayAddress = ({ host, port }: Config): string => `http://${reachable(host)}:${port}`;

export function describeService(name: string, url: string, answer: Answer): Finding {
  if (answer === null)
    return fail(`${name} at ${url}: no answer`, 'start it, and see that it can be reached from here');
  if (answer.ready) return ok(`${name} at ${url}: ready, answered in ${answer.ms} ms`);
  return fail(`${name} at ${url}: not ready`, `it waits for ${answer.waitsFor.join(', ') || 'its database'}`);
}

export async function lookAtSubgraphs({ subgraphs }: Config): Promise<Finding[]> {
  if (subgraphs === 'local') return [ok('subgraphs: in the gateway’s process')];
  return Promise.all(
    [...subgraphs].map(async ([name, url]) => describeService(`subgraph ${name}`, url, await askReadiness(url))),
  );
}
