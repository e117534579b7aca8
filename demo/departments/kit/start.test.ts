import { fork, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectRoot } from '../../../core/platform/project-root.ts';
import { writeCounty } from '../../county/write-county.ts';
import { behaveDepartment, startDepartment } from './start.ts';

const folder = mkdtempSync(join(tmpdir(), 'maplebridge-start-'));
const countyDir = join(folder, 'county');
const options = { dir: join(folder, 'departments'), countyDir, latencyMs: 0 };

beforeAll(async () => {
  // Programs of their own run compiled, as they do for everybody else.
  const built = spawnSync(process.execPath, [join(projectRoot, 'bin/build.mjs')], { encoding: 'utf8' });
  expect(built.stderr).toBe('');
  await writeCounty({ dir: countyDir, people: 500, seed: 7 });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
const until = async (done: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + 15_000;
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error('it did not happen');
    await delay(20);
  }
};
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('A stand-in that is killed comes back on the same port, and ends when it is told to', async () => {
  const courts = await startDepartment('courts', options);
  const before = courts.state();
  expect(await answers(before.port)).toBe(true);
  process.kill(before.pid, 'SIGKILL');
  await until(async () => courts.state().pid !== before.pid && (await answers(before.port)));
  expect(courts.state()).toMatchObject({ port: before.port, secret: before.secret, token: before.token });

  await behaveDepartment(options.dir, 'courts', { mode: 'stop' });
  expect(await answers(before.port)).toBe(false);
  await behaveDepartment(options.dir, 'courts', { mode: 'heal' });
  expect(await answers(before.port)).toBe(true);
  expect(await courts.counters()).toEqual({ byKey: 0, changes: 0, other: 0 });

  const { pid } = courts.state();
  await courts.stop();
  expect(isAlive(pid)).toBe(false);
  await expect(behaveDepartment(options.dir, 'courts', { mode: 'heal' })).rejects.toThrow(/not running/);
});

test('A stand-in ends when its parent is killed', async () => {
  const parent = join(folder, 'parent.mjs');
  const start = join(projectRoot, 'dist/demo/departments/kit/start.js');
  writeFileSync(
    parent,
    `import { startDepartment } from ${JSON.stringify(start)};
     const courts = await startDepartment('courts', ${JSON.stringify(options)});
     process.send(courts.state());`,
  );
  const child = fork(parent, { execArgv: [] });
  const state = await new Promise<{ pid: number }>((resolve) =>
    child.once('message', (said) => resolve(said as never)),
  );
  expect(isAlive(state.pid)).toBe(true);
  child.kill('SIGKILL');
  await until(() => !isAlive(state.pid));
});

test('A program that cannot start says so', async () => {
  await expect(startDepartment('courts', { ...options, countyDir: join(folder, 'nowhere') })).rejects.toThrow(
    /did not start/,
  );
});
