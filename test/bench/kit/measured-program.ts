/** One of the bench's programs in a process of its own, so that its memory and CPU time are its own too. */
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectRoot } from '../../../core/platform/project-root.ts';
import { nodeOn, type Core } from './pin.ts';
import type { Usage } from './usage.ts';

export interface MeasuredProgram<Said> {
  readonly pid: number;
  /** The next thing it says for which `pick` gives a value; rejects when it ends before. */
  hear<T>(pick: (said: Said) => T | undefined): Promise<T>;
  /** Everything it says from now on. */
  listen(listener: (said: Said) => void): void;
  tell(command: string | object): void;
  usage(): Promise<Usage>;
  /** Asks it to end, or with SIGKILL does not ask. Resolves when it has. */
  end(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  readonly ended: Promise<number | null>;
}

export interface ProgramOptions {
  /** Of this folder, without its ending. */
  readonly name: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Folder for a CPU profile. */
  readonly profile: string | undefined;
  readonly core?: Core;
}

/** Node’s own options, as `npm start` has them. */
export const NODE_OPTIONS = (
  JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { scripts: { start: string } }
).scripts.start
  .split(' ')
  .filter((word) => word.startsWith('--'));

export const profileOptions = (folder: string | undefined): readonly string[] =>
  folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`];

const ENDING = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

export function startProgram<Said extends object>({
  name,
  args = [],
  env,
  profile,
  core,
}: ProgramOptions): MeasuredProgram<Said> {
  const { command, before } = nodeOn(core);
  const child = fork(fileURLToPath(new URL(`../${name}${ENDING}`, import.meta.url)), args, {
    execPath: command,
    execArgv: [...before, ...NODE_OPTIONS, ...profileOptions(profile)],
    env: { ...process.env, APOLLO_TELEMETRY_DISABLED: '1', ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const hear = <T>(pick: (said: Said) => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const listen = (said: Said): void => {
        const value = pick(said);
        if (value === undefined) return;
        child.off('message', listen as (said: unknown) => void);
        resolve(value);
      };
      child.on('message', listen as (said: unknown) => void);
      void ended.then((code) => reject(new Error(`${name} ended (${code}) before it said what was waited for.`)));
    });
  /** One question about usage after another: an answer does not say which it is for. */
  let asked: Promise<unknown> = Promise.resolve();
  return {
    pid: child.pid ?? 0,
    ended,
    hear,
    listen: (listener) => void child.on('message', listener as (said: unknown) => void),
    tell: (command) => void child.send(command),
    usage() {
      const usage = asked.then(() => {
        const answer = hear((said) => (said as { usage?: Usage }).usage);
        child.send('usage');
        return answer;
      });
      asked = usage;
      return usage;
    },
    async end(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
    },
  };
}
