/** A client of Redis or Valkey by its address: one server, Sentinel or Cluster. */
import { Cluster, Redis } from 'ioredis';
import { AppError } from './errors.ts';

export type RedisAddress =
  | { readonly kind: 'single'; readonly url: string }
  | {
      readonly kind: 'sentinel';
      readonly master: string;
      readonly sentinels: readonly RedisNode[];
      readonly options: RedisLogin;
    }
  | { readonly kind: 'cluster'; readonly nodes: readonly RedisNode[]; readonly options: RedisLogin };

export interface RedisLogin {
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  readonly tls?: object;
}

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

const refuse = (): AppError =>
  new AppError(
    'BAD_USER_INPUT',
    'REDIS_URL must be redis://host:6379, redis-sentinel://host:26379,host:26379/master-name or redis-cluster://host:6379,host:6379 (with an s after redis for TLS).',
  );

/**
 * `redis://…` and `rediss://…` are as everywhere. `redis-sentinel://user:password@host:26379,host:26379/master-name/db` and
 * `redis-cluster://user:password@host:6379,host:6379` name several; `rediss-…` asks for TLS.
 */
export function parseRedisUrl(url: string): RedisAddress {
  if (/^rediss?:\/\//.test(url)) return { kind: 'single', url };
  const parts =
    /^(rediss?)-(sentinel|cluster):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^/@]+)(?:\/([^/]+))?(?:\/(\d+))?\/?$/.exec(url);
  if (!parts) throw refuse();
  const [, scheme, kind, user, password, hosts, master, db] = parts;
  const nodes = (hosts ?? '').split(',').map((text) => {
    const node = /^(\[[0-9a-f:.]+\]|[^:]+)(?::(\d+))?$/i.exec(text.trim());
    if (!node?.[1]) throw refuse();
    return { host: node[1].replace(/^\[|\]$/g, ''), port: Number(node[2] ?? (kind === 'sentinel' ? 26379 : 6379)) };
  });
  const options: RedisLogin = {
    ...(user ? { username: decodeURIComponent(user) } : {}),
    ...(password ? { password: decodeURIComponent(password) } : {}),
    ...(db === undefined ? {} : { db: Number(db) }),
    ...(scheme === 'rediss' ? { tls: {} } : {}),
  };
  if (kind === 'cluster') return { kind, nodes, options };
  if (!master) throw refuse();
  return { kind: 'sentinel', master, sentinels: nodes, options };
}

/** Goes on trying for ever: a Redis that comes back is used again. */
export function createRedisClient(url: string): Redis | Cluster {
  const address = parseRedisUrl(url);
  const patient = { maxRetriesPerRequest: null };
  if (address.kind === 'single') return new Redis(address.url, patient);
  if (address.kind === 'cluster')
    return new Cluster([...address.nodes], { redisOptions: { ...address.options, ...patient } });
  const { sentinels, master, options } = address;
  return new Redis({ ...options, ...patient, name: master, sentinels: [...sentinels] });
}

/** Says goodbye where somebody listens; while Redis is away a goodbye would wait for it for ever. */
export async function closeRedisClient(client: Redis | Cluster): Promise<void> {
  if (client.status === 'ready') await client.quit();
  else client.disconnect();
}
