/** The run's own Redis, which loses everything now and then. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { freePort } from '../../core/platform/free-port.ts';
import { closeRedisClient, createRedisClient } from '../../core/platform/redis-client.ts';

export interface ShakenRedis {
  readonly url: string;
  empty(): Promise<void>;
  close(): Promise<void>;
}

/** Null where none is installed. */
export const redisProgram = (): string | null =>
  ['/usr/bin/redis-server', '/usr/local/bin/redis-server', '/opt/homebrew/bin/redis-server'].find(existsSync) ?? null;

export async function openShakenRedis(program: string, dir: string): Promise<ShakenRedis> {
  const port = await freePort();
  const server = spawn(
    program,
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', dir],
    { stdio: 'ignore' },
  );
  const ended = once(server, 'exit');
  const url = `redis://127.0.0.1:${port}`;
  const client = createRedisClient(url);
  // Until it listens; the client goes on trying.
  client.on('error', () => undefined);
  await client.ping();
  return {
    url,
    async empty() {
      await client.flushall();
    },
    async close() {
      await closeRedisClient(client);
      server.kill('SIGTERM');
      await ended;
    },
  };
}
