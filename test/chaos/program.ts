/** `maplebridge start …` as whoever runs it for real would keep it running: started again whenever it ends. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { projectRoot } from '../../core/platform/project-root.ts';

export interface KeptProgram {
  /** kill -9, in whatever it is doing, also while it starts. */
  kill(): Promise<void>;
  /** Resolves when it says that it is ready. */
  ready(): Promise<void>;
  /** How often it ended by itself after it had been ready, with what it said last. */
  readonly fell: readonly string[];
  /** How often it gave up while starting, as it does when the database is away at that moment. */
  readonly gaveUp: () => number;
  /** Ctrl-C; not started again. */
  stop(): Promise<void>;
}

export interface KeptProgramOptions {
  readonly role: 'gateway' | 'worker';
  readonly env: Readonly<Record<string, string>>;
}

const MAIN = join(projectRoot, 'bin', 'maplebridge.mjs');
const AGAIN_MS = 200;
const SAID_LAST = 4_000;
const END_MS = 30_000;

export function keepRunning({ role, env }: KeptProgramOptions): KeptProgram {
  const fell: string[] = [];
  let gaveUp = 0;
  let stopping = false;
  let child: ChildProcess;
  let killed = false;
  let ended: Promise<unknown> = Promise.resolve();
  let isReady = false;
  let waiting: (() => void)[] = [];

  const start = (): void => {
    killed = false;
    isReady = false;
    let said = '';
    child = spawn(process.execPath, [MAIN, 'start', role], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const hear = (chunk: Buffer): void => {
      said = (said + chunk.toString()).slice(-SAID_LAST);
      if (isReady || !said.includes('is ready:')) return;
      isReady = true;
      for (const go of waiting.splice(0)) go();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    ended = new Promise((resolve) => child.once('exit', resolve)).then(async (code) => {
      if (stopping) return;
      if (!killed && isReady) fell.push(`${role} ended by itself (${String(code)}): ${said}`);
      if (!killed && !isReady) gaveUp += 1;
      isReady = false;
      await delay(killed ? 0 : AGAIN_MS);
      // Asked to stop meanwhile.
      if (!stopping) start();
    });
  };
  start();

  return {
    fell,
    gaveUp: () => gaveUp,
    ready: () => (isReady ? Promise.resolve() : new Promise<void>((resolve) => waiting.push(resolve))),
    async kill() {
      killed = true;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await gone;
    },
    async stop() {
      stopping = true;
      waiting = [];
      child.kill('SIGINT');
      const impatient = setTimeout(() => child.kill('SIGKILL'), END_MS);
      await ended;
      clearTimeout(impatient);
    },
  };
}
