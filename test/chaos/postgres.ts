/** The run's own PostgreSQL, which is stopped and killed while everybody works on it. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { startEmbeddedPostgres } from '../../core/platform/embedded-postgres/embedded-postgres.ts';

export interface ShakenPostgres {
  readonly url: string;
  /** Resolves when another server serves the same folder on the same port. */
  restart(how: 'stopped' | 'killed'): Promise<void>;
  close(): Promise<void>;
}

const BACK_MS = 60_000;

/** The server and its backends, as the system lists them. */
function familyOf(pid: number): number[] {
  const children = readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      // After the name, which may hold anything, come state and parent.
      const [, parent] = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return Number(parent) === pid;
    } catch {
      // Gone meanwhile.
      return false;
    }
  });
  return [pid, ...children.map(Number)];
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export async function openShakenPostgres(dir: string): Promise<ShakenPostgres> {
  // Programs are killed here, not the machine: what was written is there without waiting for the disk.
  const server = await startEmbeddedPostgres({ dir, settings: { fsync: 'off' } });
  return {
    url: server.url,
    async restart(how) {
      const { pid } = server;
      if (how === 'stopped') signal(pid, 'SIGINT');
      else for (const one of familyOf(pid)) signal(one, 'SIGKILL');
      // Its own supervisor starts it again.
      for (const deadline = performance.now() + BACK_MS; server.pid === pid; await delay(20))
        if (performance.now() > deadline) throw new Error('PostgreSQL was not started again.');
    },
    close: () => server.stop(),
  };
}
