/** A gateway as whoever runs it would start it: a command that says its address. Its memory is read from the system, whoever wrote it. */
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { NODE_OPTIONS, profileOptions } from './measured-program.ts';
import { nodeOn, type Core } from './pin.ts';
import { cpuOfFamily, peakOf } from './proc.ts';

export interface StartedServer {
  readonly url: string;
  /** Null where the system does not tell. */
  peakBytes(): number | null;
  cpuMs(): number | null;
  /** What it says to its parent, the next time. */
  hear(): Promise<unknown>;
  signal(name: NodeJS.Signals): void;
  end(): Promise<void>;
}

export interface ServerCommand {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly core?: Core;
  readonly profile?: string | undefined;
}

const START_MS = 120_000;
const END_MS = 10_000;
/** Of what it complained about before it ended. */
const TAIL = 2_000;

/** Resolves when it has said its address; rejects with what it said instead. */
export async function startServer({ name, args, env, core, profile }: ServerCommand): Promise<StartedServer> {
  const { command, before } = nodeOn(core);
  const child = spawn(command, [...before, ...NODE_OPTIONS, ...profileOptions(profile), ...args], {
    // As in production; nothing of it may call its maker.
    env: { ...process.env, NODE_ENV: 'production', APOLLO_TELEMETRY_DISABLED: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let tail = '';
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const url = await new Promise<string>((resolve, reject) => {
    const fail = (why: string): void => {
      child.kill('SIGKILL');
      reject(new Error(`${name} ${why}\n${tail}`));
    };
    const timer = setTimeout(() => fail('did not say its address in time'), START_MS);
    const read = (chunk: string): void => {
      tail = (tail + chunk).slice(-TAIL);
      const found = /listens at (http:\S+)|Open gateway at (http:\S+)/.exec(tail);
      if (!found) return;
      clearTimeout(timer);
      resolve((found[1] ?? found[2]) as string);
    };
    child.stdout?.setEncoding('utf8').on('data', read);
    child.stderr?.setEncoding('utf8').on('data', read);
    void ended.then((code) => {
      clearTimeout(timer);
      fail(`ended (${code})`);
    });
  });
  const pid = child.pid ?? 0;
  return {
    url,
    peakBytes: () => peakOf(pid),
    cpuMs: () => cpuOfFamily(pid),
    hear: () => new Promise((resolve) => child.once('message', resolve)),
    signal: (signal) => void child.kill(signal),
    async end() {
      child.kill('SIGTERM');
      const late = delay(END_MS, 'late' as const, { ref: false });
      if ((await Promise.race([ended, late])) === 'late') child.kill('SIGKILL');
      await ended;
    },
  };
}
