import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { compile, run, type Program } from '../../../test/kit/postgres-programs.ts';
import { createDb } from '../db.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.ts';
import { packagedBinaries } from './postgres-package.ts';
import { isRunning } from './process-facts.ts';
import { isRoot } from './run-as.ts';

// Starts and stops dozens of servers, perhaps on a busy machine.
vi.setConfig({ testTimeout: 90_000 });

let base: string;
let dir: string;
let programs: string;
/** An installation made once, for tests that are not about the first start. */
let made: string;
const started: { stop(): Promise<void> }[] = [];
const folders: string[] = [];

const start = async (folder = dir): Promise<EmbeddedPostgres> => {
  const server = await startEmbeddedPostgres({ dir: folder, settings: { fsync: 'off' } });
  started.push(server);
  return server;
};
const program = (...args: Parameters<typeof run>): Program => {
  const running = run(...args);
  started.push(running);
  return running;
};
const copyMade = (): void => void spawnSync('cp', ['-a', made, dir]);
const answers = async (url: string): Promise<string> => {
  const db = createDb({ url, max: 1 });
  const { name } = await db.one<{ name: string }>('select current_database() as name');
  await db.close();
  return name;
};
const keep = async (url: string, text: string): Promise<unknown[]> => {
  const db = createDb({ url, max: 1 });
  await db.query('create table if not exists kept (text text)');
  await db.query('insert into kept values ($1)', [text]);
  const rows = await db.query<{ text: string }>('select text from kept');
  await db.close();
  return rows.map((row) => row.text);
};

beforeAll(async () => {
  made = join(mkdtempSync(join(tmpdir(), 'maplebridge-pg-')), 'postgres');
  await (await startEmbeddedPostgres({ dir: made, settings: { fsync: 'off' } })).stop();
  programs = compile();
  // So that programs running as other users can read it.
  spawnSync('chmod', ['-R', 'a+rX', programs]);
});
afterAll(() => {
  for (const folder of [programs, join(made, '..'), ...folders]) rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'maplebridge-pg-'));
  chmodSync(base, 0o755);
  dir = join(base, 'postgres');
});
afterEach(async () => {
  for (const one of started.splice(0).reverse()) await one.stop();
  rmSync(base, { recursive: true, force: true });
});

it('makes a server from nothing, and the last to stop turns it off', async () => {
  const first = await start();
  expect(first.adopted).toBe(false);
  expect(await answers(first.url)).toBe('maplebridge');
  for (const secret of ['password', 'port', 'postgres.log']) expect(statSync(join(dir, secret)).mode & 0o077).toBe(0);
  const second = await start();
  expect([second.adopted, second.pid, second.url]).toEqual([true, first.pid, first.url]);
  await first.stop();
  expect(await answers(second.url)).toBe('maplebridge');
  await second.stop();
  expect(isRunning(first.pid)).toBe(false);
  expect(readdirSync(dir).sort()).toEqual(['data', 'password', 'port', 'postgres.log']);
});

it('keeps its port and password, and takes another port when somebody else has it', async () => {
  copyMade();
  const first = await start();
  await first.stop();
  const second = await start();
  expect(second.url).toBe(first.url);
  await second.stop();
  const stranger = createServer();
  await once(stranger.listen(first.port, '127.0.0.1'), 'listening');
  const third = await start();
  expect(third.port).not.toBe(first.port);
  await third.stop();
  stranger.close();
  expect((await start()).port).toBe(third.port);
});

it('starts a server again that was killed, on the same port, under the feet of a pool', async () => {
  copyMade();
  const server = await start();
  await keep(server.url, 'before');
  const { pid, url } = server;
  let back: () => void = () => undefined;
  const recovered = new Promise<void>((resolve) => (back = resolve));
  const watched = await startEmbeddedPostgres({
    dir,
    settings: { fsync: 'off' },
    log: { info: (_, message) => (message === 'PostgreSQL is back' ? back() : undefined), warn: () => undefined },
  });
  started.push(watched);
  process.kill(pid, 'SIGKILL');
  await recovered;
  expect(await keep(url, 'after')).toEqual(['before', 'after']);
  expect([watched.pid === pid, server.url === url, watched.url === url]).toEqual([false, true, true]);
});

it('adopts the server of a program that was killed', async () => {
  copyMade();
  const first = program(programs, dir);
  const told = await first.told;
  await first.kill();
  const second = await start();
  expect([second.adopted, second.pid]).toEqual([true, told.pid]);
  await second.stop();
  expect(isRunning(told.pid)).toBe(false);
});

it('is not reached by the Ctrl-C that ends the program', async () => {
  copyMade();
  const first = program(programs, dir);
  const told = await first.told;
  // To the whole group, as a terminal does.
  process.kill(-(first.process.pid ?? NaN), 'SIGINT');
  await once(first.process, 'exit');
  expect((await start()).pid).toBe(told.pid);
});

it('starts after both the program and the server were killed, whatever they left', async () => {
  copyMade();
  const first = program(programs, dir);
  const { pid, url } = await first.told;
  await keep(url, 'before');
  await first.kill();
  process.kill(pid, 'SIGKILL');
  mkdirSync(join(dir, 'init.torn', 'data'), { recursive: true });
  const second = await start();
  expect(await keep(second.url, 'after')).toEqual(['before', 'after']);
  expect(existsSync(join(dir, 'init.torn'))).toBe(false);
});

it('is not taken in by a process number that another program got since', async () => {
  copyMade();
  const seconds = Math.round(Date.now() / 1000);
  writeFileSync(join(dir, 'data', 'postmaster.pid'), `${process.pid}\n${dir}/data\n${seconds}\n1\n\n127.0.0.1\n`);
  expect((await start()).adopted).toBe(false);
});

it('does not adopt the server of the folder that it was copied from', async () => {
  copyMade();
  const first = await start();
  await answers(first.url);
  const copy = join(base, 'copy');
  spawnSync('cp', ['-a', dir, copy]);
  const second = await start(copy);
  expect([second.adopted, second.pid === first.pid, second.port === first.port]).toEqual([false, false, false]);
});

it('lets one of several programs starting at once win, and the others adopt', async () => {
  const several = [1, 2, 3].map(() => program(programs, dir));
  const told = await Promise.all(several.map((one) => one.told));
  expect(new Set(told.map(({ pid }) => pid)).size).toBe(1);
  expect(told.filter(({ adopted }) => !adopted)).toHaveLength(1);
  await several[0]?.stop();
  await several[1]?.stop();
  expect(isRunning(told[0]?.pid ?? 0)).toBe(true);
  await several[2]?.stop();
  expect(isRunning(told[0]?.pid ?? 0)).toBe(false);
});

it('takes over the lock of a program that was killed while starting', async () => {
  mkdirSync(dir, { recursive: true });
  spawnSync('ln', ['-s', '2147483|1|dead', join(dir, 'lock')]);
  expect((await start()).adopted).toBe(false);
});

it('runs in folders with blanks, Chinese characters and long paths', async () => {
  const server = await start(
    join(base, '枫桥 经验’s "data" %20', ...Array<string>(6).fill('长'.repeat(70)), 'postgres'),
  );
  expect(await answers(server.url)).toBe('maplebridge');
});

it('says in one line why a folder will not do', async () => {
  writeFileSync(join(base, 'file'), '');
  await expect(start(join(base, 'file'))).rejects.toThrow(/file is not a folder/);
  await expect(start(join(base, 'file', 'below'))).rejects.toThrow(/is not a folder/);
  copyMade();
  rmSync(join(dir, 'password'));
  await expect(start()).rejects.toThrow(/password is missing/);
  writeFileSync(join(dir, 'password'), 'x\n');
  writeFileSync(join(dir, 'data', 'PG_VERSION'), '9\n');
  await expect(start()).rejects.toThrow(/another version of PostgreSQL/);
  expect(() => packagedBinaries('plan9-mips')).toThrow(/set DATABASE_URL/);
});

if (!isRoot) console.warn('SKIPPED, not root: other users, unreachable folders, a full disk.');

describe.runIf(isRoot)('as root', () => {
  /** Reachable by root and user 12345 only. */
  const closed = (): string => {
    const folder = join(base, 'closed');
    mkdirSync(folder);
    chownSync(folder, 12345, 12345);
    chmodSync(folder, 0o700);
    return folder;
  };

  it('runs without user namespaces, under a folder that only somebody else may enter, and later with them again', async () => {
    dir = join(closed(), 'postgres');
    const without = program(programs, dir, { env: { MAPLEBRIDGE_NO_USERNS: '1' } });
    const { url, fault } = await without.told;
    expect(fault).toBeUndefined();
    expect(await keep(url, 'without')).toEqual(['without']);
    expect(statSync(join(dir, 'data')).uid).toBe(65534);
    await without.stop();
    expect(await keep((await start()).url, 'with')).toEqual(['without', 'with']);
  });

  it('runs with user namespaces under such a folder, and later without them', async () => {
    dir = join(closed(), 'postgres');
    const server = await start();
    expect(await keep(server.url, 'with')).toEqual(['with']);
    await server.stop();
    const without = program(programs, dir, { env: { MAPLEBRIDGE_NO_USERNS: '1' } });
    expect(await keep((await without.told).url, 'without')).toEqual(['with', 'without']);
  });

  it('copies binaries that are out of reach, and makes their links', async () => {
    const own = compile({ ownPostgres: true });
    folders.push(own);
    if (!existsSync('/var/lib/maplebridge')) folders.push('/var/lib/maplebridge');
    chownSync(own, 12345, 12345);
    chmodSync(own, 0o700);
    for (const env of [{ MAPLEBRIDGE_NO_USERNS: '1' }, {}]) {
      const one = program(own, join(base, Object.keys(env).join('x')), { env });
      expect(await answers((await one.told).url)).toBe('maplebridge');
    }
  });

  it('runs as an ordinary user, with and without a name, and serves that user’s data as that user', async () => {
    for (const uid of [65534, 12345]) {
      dir = join(base, String(uid));
      mkdirSync(dir);
      chownSync(dir, uid, uid);
      chmodSync(dir, 0o700);
      const one = program(programs, dir, { uid });
      const { url, fault } = await one.told;
      expect(fault).toBeUndefined();
      await keep(url, 'user');
      await one.stop();
      const root = await start();
      expect(await keep(root.url, 'root')).toEqual(['user', 'root']);
      await root.stop();
      const again = program(programs, dir, { uid });
      expect((await again.told).fault).toBeUndefined();
    }
  });

  it('says that an ordinary user may not write there', async () => {
    mkdirSync(dir, { mode: 0o755 });
    expect((await program(programs, dir, { uid: 12345 }).told).fault).toMatch(/cannot be written/);
    expect((await program(programs, join(dir, 'below'), { uid: 12345 }).told).fault).toMatch(/cannot be written/);
  });

  it('says that the disk is full, harms nothing, and runs when there is room again', async (context) => {
    const disk = join(base, 'disk');
    mkdirSync(disk);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'none', disk]).status !== 0) {
      console.warn('SKIPPED, mounting is not allowed here: a full disk.');
      context.skip();
    }
    try {
      dir = join(disk, 'postgres');
      await expect(start()).rejects.toThrow(/^The disk is full: PostgreSQL needs room in .*disk\/postgres\./);
      expect(existsSync(join(dir, 'data'))).toBe(false);
      spawnSync('mount', ['-o', 'remount,size=200m', disk]);
      const server = await start();
      await keep(server.url, 'before');
      await server.stop();

      const filler = join(disk, 'filler');
      spawnSync('sh', ['-c', `cat /dev/zero > "${filler}"`]);
      await expect(start()).rejects.toThrow(/^The disk is full/);
      rmSync(filler);
      const again = await start();
      expect(await keep(again.url, 'after')).toEqual(['before', 'after']);

      spawnSync('sh', ['-c', `cat /dev/zero > "${filler}"`]);
      const db = createDb({ url: again.url, max: 1 });
      await expect(
        db.query('create table big as select repeat(md5(i::text), 100) from generate_series(1, 100000) i'),
      ).rejects.toThrow(/disk/);
      await db.close();
      rmSync(filler);
      expect(readFileSync(join(dir, 'postgres.log'), 'utf8')).toContain('No space left');
      await again.stop();
      expect(await keep((await start()).url, 'later')).toEqual(['before', 'after', 'later']);
    } finally {
      for (const one of started.splice(0).reverse()) await one.stop();
      spawnSync('umount', [disk]);
    }
  });
});
