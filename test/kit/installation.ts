/** A whole Maplebridge as anybody would start it: `maplebridge …` as programs of their own on a folder of the test's. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Role } from '../../core/access/caller.ts';
import { systemClock } from '../../core/platform/clock.ts';
import { createDb, type Db } from '../../core/platform/db.ts';
import { loadKeyring } from '../../core/platform/key-folder.ts';
import type { Keyring } from '../../core/platform/keyring.ts';
import { projectRoot } from '../../core/platform/project-root.ts';
import type { DepartmentName } from '../../demo/county/model.ts';
import { controlOf, type DepartmentControl } from '../../demo/departments/kit/control.ts';
import { openDemoIssuer } from '../../demo/issuer/issuer.ts';

const MAIN = join(projectRoot, 'bin', 'maplebridge.mjs');
const READY_MS = 120_000;
const END_MS = 30_000;

/** What the machine that runs the tests has set must not decide what they find. */
const SETTINGS = /^(MAPLEBRIDGE_|OIDC_|HOST$|PORT$|DATABASE_URL$|REDIS_URL$|NODE_ENV$|LOG_LEVEL$)/;
const ambient = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !SETTINGS.test(name)));

export type Settings = Readonly<Record<string, string>>;

const settingsFile = (dataFolder: string): string => join(dataFolder, 'test-settings.json');

/** What every program on this folder is started with besides: other servers than the embedded ones. */
export const keepSettings = (dataFolder: string, settings: Settings): void =>
  writeFileSync(settingsFile(dataFolder), JSON.stringify(settings));

function keptSettings(dataFolder: string | undefined): Settings {
  if (dataFolder === undefined || !existsSync(settingsFile(dataFolder))) return {};
  return JSON.parse(readFileSync(settingsFile(dataFolder), 'utf8')) as Settings;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
export async function maplebridge(args: readonly string[], settings: Settings): Promise<Finished> {
  const program = launch(args, settings);
  return { code: await program.ended, stdout: program.stdout(), stderr: program.stderr() };
}

export interface Program {
  readonly pid: number;
  /** Where it listens, as it said itself. */
  readonly url: string;
  stdout(): string;
  stderr(): string;
  /** Its exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Ctrl-C, as a terminal sends it to this process. */
  interrupt(): Promise<number | null>;
  /** kill -9 */
  kill(): Promise<void>;
}

function launch(args: readonly string[], settings: Settings): Omit<Program, 'url'> {
  const child: ChildProcess = spawn(process.execPath, [MAIN, ...args], {
    env: { ...ambient(), ...keptSettings(settings['MAPLEBRIDGE_DATA']), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  // `exit`, not `close`: a stand-in that outlives it for a moment still holds the pipe.
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    async interrupt() {
      child.kill('SIGINT');
      const impatient = setTimeout(() => child.kill('SIGKILL'), END_MS);
      const code = await ended;
      clearTimeout(impatient);
      return code;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** `maplebridge start …`; resolves when it says that it is ready. */
export async function start(dataFolder: string, roles: readonly string[] = [], more: Settings = {}): Promise<Program> {
  const program = launch(['start', ...roles], { MAPLEBRIDGE_DATA: dataFolder, PORT: '0', ...more });
  let over = false;
  void program.ended.then(() => (over = true));
  const deadline = performance.now() + READY_MS;
  for (;;) {
    const [, url] = /is ready: (\S+)/.exec(program.stdout()) ?? [];
    if (url !== undefined) return { ...program, url };
    if (over || performance.now() > deadline) {
      await program.kill();
      throw new Error(`maplebridge start ${roles.join(' ')} did not start\n${program.stdout()}${program.stderr()}`);
    }
    await delay(25);
  }
}

/** A county smaller than the demo's own, made before the first start. */
export async function seed(dataFolder: string, people: number, number: number): Promise<void> {
  const args = ['seed', '--people', String(people), '--seed', String(number)];
  const { code, stderr } = await maplebridge(args, { MAPLEBRIDGE_DATA: dataFolder });
  if (code !== 0) throw new Error(`the county could not be made: ${stderr}`);
}

/** Compiles once, so that no two programs of a test begin by doing so. */
export function build(): void {
  const built = spawnSync(process.execPath, [join(projectRoot, 'bin', 'build.mjs')], { encoding: 'utf8' });
  if (built.status !== 0 || built.stderr !== '') throw new Error(`the build failed: ${built.stdout}${built.stderr}`);
}

/** Every process that works on a folder: by its arguments, its environment or where it stands (PostgreSQL renames itself). */
export function processesOn(dataFolder: string): number[] {
  const read = (file: string): string => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      // Gone meanwhile, or a process of the kernel.
      return '';
    }
  };
  const standsIn = (pid: string): string => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`);
    } catch {
      return '';
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => !/^State:\s+Z/m.test(read(`/proc/${pid}/status`)))
    .filter((pid) =>
      [read(`/proc/${pid}/cmdline`), read(`/proc/${pid}/environ`), standsIn(pid)].some((text) =>
        text.includes(dataFolder),
      ),
    )
    .map(Number);
}

/** Waits until `look` gives something; never longer than `ms`. */
export async function until<T>(what: string, look: () => Promise<T | null | false>, ms = 30_000): Promise<T> {
  const deadline = performance.now() + ms;
  for (;;) {
    const found = await look();
    if (found !== null && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`did not happen within ${ms} ms: ${what}`);
    await delay(50);
  }
}

export interface Answer<Data = unknown> {
  readonly status: number;
  /** Null when nothing could be answered. What a test asked for, it knows the shape of. */
  readonly data: Data;
  readonly errors: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
  /** The body as it came. */
  readonly text: string;
  readonly requestId: string;
  readonly ms: number;
}

/** Somebody who asks: who they are, what for, and why. */
export interface Asker {
  readonly org: string;
  readonly roles: readonly Role[];
  readonly subject?: string;
  readonly purpose?: string | null;
  readonly reason?: string;
}

export interface Installation {
  readonly dataFolder: string;
  readonly countyFolder: string;
  token(who: Asker, seconds?: number): Promise<string>;
  /** `at`: another gateway than the first. */
  ask<Data = unknown>(who: Asker, query: string, variables?: object, at?: string): Promise<Answer<Data>>;
  /** With headers and body as given. */
  post(headers: Settings, body: string, at?: string): Promise<Answer>;
  department(name: DepartmentName): DepartmentControl;
  /** The database itself; closed by `close`. */
  readonly db: Db;
  readonly keyring: Keyring;
  /** What has been logged so far. */
  log(): string;
  close(): Promise<void>;
}

const textOf = (...path: string[]): string => readFileSync(join(...path), 'utf8').trim();

/** An installation that runs, as its users and its auditors see it. */
export async function openInstallation(dataFolder: string, url: string): Promise<Installation> {
  const issuer = await openDemoIssuer({
    folder: join(dataFolder, 'demo', 'issuer'),
    audience: 'maplebridge',
    clock: systemClock,
  });
  const postgres = join(dataFolder, 'postgres');
  const embedded = (): string =>
    `postgres://maplebridge:${textOf(postgres, 'password')}@127.0.0.1:${textOf(postgres, 'port')}/maplebridge`;
  const db = createDb({
    url: keptSettings(dataFolder)['DATABASE_URL'] ?? embedded(),
    max: 4,
    // Not one of those for whose sake a stopping Maplebridge leaves the server running.
    applicationName: 'scenario',
  });
  const tokens = new Map<string, Promise<string>>();
  const token: Installation['token'] = ({ org, roles, subject = 'tester' }, seconds) => {
    const identity = { org, roles, subject, name: 'Tester' };
    if (seconds !== undefined) return issuer.mintToken(identity, seconds);
    const key = JSON.stringify(identity);
    const known = tokens.get(key) ?? issuer.mintToken(identity);
    tokens.set(key, known);
    return known;
  };
  const post = async <Data>(headers: Settings, body: string, at = url): Promise<Answer<Data>> => {
    const began = performance.now();
    const response = await fetch(`${at}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    const text = await response.text();
    const ms = performance.now() - began;
    const { data = null, errors = [] } = JSON.parse(text) as Partial<Answer>;
    const requestId = response.headers.get('x-request-id') ?? '';
    return { status: response.status, data: data as Data, errors, text, requestId, ms };
  };
  return {
    dataFolder,
    countyFolder: join(dataFolder, 'demo', 'county'),
    token,
    post,
    async ask<Data>(who: Asker, query: string, variables: object = {}, at = url) {
      const { purpose = 'mediation', reason } = who;
      const headers = {
        authorization: `Bearer ${await token(who)}`,
        ...(purpose === null ? {} : { 'x-purpose': purpose }),
        ...(reason === undefined ? {} : { 'x-reason': encodeURIComponent(reason) }),
      };
      return post<Data>(headers, JSON.stringify({ query, variables }), at);
    },
    department: (name) => controlOf(join(dataFolder, 'demo', 'departments'), name),
    db,
    keyring: loadKeyring(join(dataFolder, 'keys'), { create: false }),
    log() {
      const file = join(dataFolder, 'maplebridge.log');
      return existsSync(file) ? readFileSync(file, 'utf8') : '';
    },
    close: () => db.close(),
  };
}
