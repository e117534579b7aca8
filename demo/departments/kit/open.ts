/** Runs a stand-in in this process: the department's own port, the control port, the state file. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { DepartmentName } from '../../county/model.ts';
import { controlOf, createControlServer } from './control.ts';
import type { DepartmentControl } from './control.ts';
import { createLatency } from './latency.ts';
import type { Behaviour, Counters, StandIn } from './stand-in.ts';
import { readState, stateFolder, writeState } from './state-file.ts';
import type { StandInState } from './state-file.ts';

export interface RunOptions {
  /** Folder of all stand-ins' state: each has its own inside. */
  readonly dir: string;
  /** Folder of the made-up county. */
  readonly countyDir: string;
  /** Median time to answer; the department's own when not given, 0 for none. */
  readonly latencyMs?: number | undefined;
}

export interface RunningDepartment extends DepartmentControl {
  readonly name: DepartmentName;
  /** As of now; a restarted stand-in keeps them where it can. */
  state(): StandInState;
  stop(): Promise<void>;
}

const LISTEN_TRIES = 15;

/** On the port of last time, which a predecessor may be about to leave; on any other when somebody else has it for good. */
async function listenAgain(listen: (port: number) => Promise<number>, wanted: number): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await listen(attempt > LISTEN_TRIES ? 0 : wanted);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || attempt > LISTEN_TRIES) throw error;
      await delay(200);
    }
  }
}

export async function openDepartment(standIn: StandIn, options: RunOptions): Promise<RunningDepartment> {
  const { name } = standIn;
  const { dir, countyDir } = options;
  const folder = stateFolder(dir, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const before = readState(dir, name);
  const token = before?.token ?? randomBytes(24).toString('base64url');
  const secret = before?.secret ?? randomBytes(24).toString('base64url');
  const latency = createLatency(options.latencyMs ?? standIn.latencyMs, 20_260_101);
  let behaviour: Behaviour = { mode: 'healthy', slowMs: 0 };
  let counters: Counters = { byKey: 0, changes: 0, other: 0 };

  const server = await standIn.open({
    dir: folder,
    countyDir,
    secret,
    now: () => new Date(),
    behaviour: () => behaviour,
    count: (call) => {
      counters[call] += 1;
    },
    latency: (signal) => latency.wait(behaviour.slowMs, signal),
  });
  const port = await listenAgain((wanted) => server.listen(wanted), before?.port ?? 0);

  const control = createControlServer(token, {
    async behave(request) {
      const stopped = behaviour.mode === 'stop';
      const next: Behaviour =
        'slowMs' in request
          ? { mode: 'healthy', slowMs: request.slowMs }
          : { mode: request.mode === 'heal' ? 'healthy' : request.mode, slowMs: 0 };
      behaviour = next;
      if (next.mode === 'stop' && !stopped) await server.unlisten();
      if (next.mode !== 'stop' && stopped) await listenAgain((wanted) => server.listen(wanted), port);
    },
    counters: () => counters,
    reset: () => {
      counters = { byKey: 0, changes: 0, other: 0 };
    },
    change: (request) => server.change(request),
  });
  const controlPort = await listenAgain(
    (wanted) =>
      new Promise<number>((resolve, reject) => {
        control.once('error', reject);
        control.listen(wanted, '127.0.0.1', () => {
          control.off('error', reject);
          resolve((control.address() as AddressInfo).port);
        });
      }),
    before?.controlPort ?? 0,
  );
  const state: StandInState = {
    name,
    pid: process.pid,
    port,
    controlPort,
    token,
    secret,
    connection: server.connection,
  };
  writeState(dir, state);

  return {
    ...controlOf(dir, name),
    name,
    state: () => state,
    async stop() {
      control.closeAllConnections();
      await new Promise<void>((resolve) => control.close(() => resolve()));
      await server.close();
    },
  };
}
