/** PostgreSQL refuses to run as root. Whom it runs as instead depends on who we are and on whose its files are. */
import { spawn, spawnSync, type ChildProcess, type StdioOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';

export interface RunAs {
  readonly kind: 'self' | 'userns' | 'other';
  /** Owner the data must have; null: whoever creates them. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
  spawn(
    program: string,
    args: readonly string[],
    options: { cwd: string; stdio: StdioOptions; detached: boolean },
  ): ChildProcess;
  /** Runs to its end; false when it cannot be started or fails. */
  runs(program: string, args: readonly string[]): boolean;
}

export const isRoot: boolean = process.getuid?.() === 0;

const NOBODY = 65534;
const USERNS = ['unshare', '-U', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`] as const;

/** No secrets of ours, and nothing that would change how PostgreSQL behaves (PGDATA, PGPORT, LD_PRELOAD). */
const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

const runAs = (kind: RunAs['kind'], prefix: readonly string[], owner: RunAs['owner']): RunAs => {
  const split = (program: string, args: readonly string[]): [string, string[]] => {
    const [first, ...rest] = [...prefix, program, ...args];
    return [first as string, rest];
  };
  const who = owner ?? {};
  return {
    kind,
    owner,
    spawn: (program, args, options) => spawn(...split(program, args), { ...options, ...who, env }),
    runs: (program, args) =>
      spawnSync(...split(program, args), { ...who, env, cwd: '/', stdio: 'ignore' }).status === 0,
  };
};

const hasUserNamespaces = (): boolean =>
  process.env['MAPLEBRIDGE_NO_USERNS'] !== '1' &&
  spawnSync(USERNS[0], [...USERNS.slice(1), 'true'], { stdio: 'ignore' }).status === 0;

/** initdb wants a name for the user it runs as; containers often run under a bare number. */
const hasName = (): boolean => {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
};

/**
 * `dataOwner` is the owner of existing data. Root in a user namespace of its own keeps root's files and has none of root's
 * powers; data that belong to somebody else are served as that user, so that they stay theirs.
 */
export function chooseRunAs(dataOwner: { readonly uid: number; readonly gid: number } | null): RunAs {
  if (!isRoot) return hasName() || !hasUserNamespaces() ? runAs('self', [], null) : runAs('userns', USERNS, null);
  if (dataOwner !== null && dataOwner.uid !== 0) return runAs('other', [], { uid: dataOwner.uid, gid: dataOwner.gid });
  return hasUserNamespaces() ? runAs('userns', USERNS, null) : runAs('other', [], { uid: NOBODY, gid: NOBODY });
}

/**
 * How the current folder is named to PostgreSQL. By way of /proc the path above it does not matter: folders that its user
 * may not enter, and paths longer than the 1,023 bytes that PostgreSQL can hold.
 */
export const hereOr = (dir: string): string => (existsSync('/proc/self/cwd') ? '/proc/self/cwd' : dir);
