/** Redis servers of a test's own: one, three as a cluster, or one that a sentinel watches. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../../core/platform/free-port.ts';

const PROGRAM = ['/usr/bin/redis-server', '/usr/local/bin/redis-server', '/opt/homebrew/bin/redis-server'].find(
  existsSync,
);

/** For titles and `skipIf`: null where it can be started. */
export const redisMissing: string | null = PROGRAM ? null : ' (skipped: redis-server is not installed)';

export interface RedisProgram {
  readonly url: string;
  stop(): Promise<void>;
}

interface OneRedis extends RedisProgram {
  readonly port: number;
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });

/** `configuration`: lines of a file that it may write to. It keeps nothing on disk that outlives it. */
async function startOne(args: readonly string[], configuration: readonly string[] = []): Promise<OneRedis> {
  if (PROGRAM === undefined) throw new Error('redis-server is not installed');
  const [port, dir] = [await freePort(), mkdtempSync(join(tmpdir(), 'maplebridge-redis-'))];
  const file = join(dir, 'redis.conf');
  writeFileSync(file, `${['bind 127.0.0.1', `port ${port}`, `dir ${dir}`, ...configuration].join('\n')}\n`);
  const child = spawn(PROGRAM, [file, ...args], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error('redis-server did not start');
    await delay(20);
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGKILL');
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

const IN_MEMORY = ['--save', '', '--appendonly', 'no'];

export const startRedis = (): Promise<RedisProgram> => startOne(IN_MEMORY);

async function withClient<T>({ port }: OneRedis, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(port, '127.0.0.1');
  try {
    return await use(client);
  } finally {
    client.disconnect();
  }
}

const SLOTS = 16_384;

/** Three masters, no replicas. */
export async function startRedisCluster(): Promise<RedisProgram> {
  const nodes: (OneRedis & { readonly bus: number })[] = [];
  for (let n = 0; n < 3; n++) {
    const bus = await freePort();
    const more = ['--cluster-enabled', 'yes', '--cluster-port', String(bus), '--cluster-node-timeout', '2000'];
    nodes.push({ ...(await startOne([...IN_MEMORY, ...more])), bus });
  }
  const share = Math.ceil(SLOTS / nodes.length);
  for (const [n, node] of nodes.entries()) {
    await withClient(node, async (client) => {
      await client.cluster('SET-CONFIG-EPOCH', n + 1);
      await client.cluster('ADDSLOTSRANGE', n * share, Math.min(SLOTS, (n + 1) * share) - 1);
    });
  }
  // Only now: whom another has met takes no epoch any more.
  for (const node of nodes) {
    await withClient(node, async (client) => {
      // The port of its bus is not the one that Redis would guess.
      for (const { port, bus } of nodes) await client.call('CLUSTER', 'MEET', '127.0.0.1', String(port), String(bus));
    });
  }
  for (const node of nodes) {
    await withClient(node, async (client) => {
      while (!(await client.cluster('INFO')).includes('cluster_state:ok')) await delay(50);
    });
  }
  return {
    url: `redis-cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))),
  };
}

/** One master and one sentinel, which alone is asked where it is. */
export async function startRedisSentinel(): Promise<RedisProgram> {
  const master = await startOne(IN_MEMORY);
  const watch = `sentinel monitor centre 127.0.0.1 ${master.port} 1`;
  const sentinel = await startOne(['--sentinel'], [watch]);
  return {
    url: `redis-sentinel://127.0.0.1:${sentinel.port}/centre`,
    stop: async () => void (await Promise.all([sentinel.stop(), master.stop()])),
  };
}
