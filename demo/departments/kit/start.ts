/** Starts a stand-in as a program of its own, and starts it again when it dies. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../../core/platform/errors.ts';
import { projectRoot } from '../../../core/platform/project-root.ts';
import type { DepartmentName } from '../../county/model.ts';
import { controlOf } from './control.ts';
import type { BehaveRequest } from './control.ts';
import type { RunningDepartment, RunOptions } from './open.ts';
import { readState } from './state-file.ts';

export interface StartOptions extends RunOptions {
  readonly log?: { warn(fields: Readonly<Record<string, unknown>>, message: string): void };
}

/** Compiled, next to this file; from source, what `node bin/build.mjs` made. */
const PROGRAM = import.meta.url.endsWith('.js')
  ? fileURLToPath(new URL('../program.js', import.meta.url))
  : join(projectRoot, 'dist', 'demo', 'departments', 'program.js');
const READY_MS = 60_000;
/** On a busy machine: the bureau's stand-in brings a database of its own down first, which would outlive it. */
const STOP_MS = 15_000;
const LONGEST_PAUSE_MS = 5_000;

/** Resolves when it listens. */
export async function startDepartment(name: DepartmentName, options: StartOptions): Promise<RunningDepartment> {
  const { dir, countyDir, latencyMs, log } = options;
  const args = [name, '--dir', dir, '--county', countyDir];
  if (latencyMs !== undefined) args.push('--latency-ms', String(latencyMs));
  let child: ChildProcess | undefined;
  let stopping = false;
  let deaths = 0;
  let timer: NodeJS.Timeout | undefined;

  const launch = (): Promise<void> =>
    new Promise((resolve, reject) => {
      // Its IPC channel closes when this process goes, however it goes: then it ends itself.
      const started = fork(PROGRAM, args, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      child = started;
      const failed = (): void => reject(new AppError('INTERNAL', `The stand-in for ${name} did not start.`));
      const patience = setTimeout(() => {
        started.kill('SIGKILL');
        failed();
      }, READY_MS);
      let ready = false;
      started.once('message', () => {
        ready = true;
        clearTimeout(patience);
        resolve();
      });
      started.once('error', failed);
      started.once('exit', (code, signal) => {
        clearTimeout(patience);
        failed();
        if (stopping || !ready) return;
        deaths += 1;
        log?.warn({ department: name, code, signal }, 'a stand-in died and is started again');
        restart();
      });
    });
  const restart = (): void => {
    timer = setTimeout(
      () => {
        launch().catch(() => {
          deaths += 1;
          if (!stopping) restart();
        });
      },
      Math.min(LONGEST_PAUSE_MS, 200 * 2 ** Math.min(deaths, 6)),
    );
  };

  await launch();
  return {
    ...controlOf(dir, name),
    name,
    state() {
      const state = readState(dir, name);
      if (state === null) throw new AppError('INTERNAL', `The state of the stand-in for ${name} is gone.`);
      return state;
    },
    async stop() {
      stopping = true;
      clearTimeout(timer);
      const running = child;
      if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
      const gone = new Promise<void>((resolve) => running.once('exit', () => resolve()));
      running.kill('SIGTERM');
      const hard = setTimeout(() => running.kill('SIGKILL'), STOP_MS);
      await gone;
      clearTimeout(hard);
    },
  };
}

/** For `maplebridge demo department …`: commands a stand-in of another process through its state file. */
export const behaveDepartment = (dir: string, name: DepartmentName, request: BehaveRequest): Promise<void> =>
  controlOf(dir, name).behave(request);
