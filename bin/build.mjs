// Compiles the TypeScript of the project into dist/, when it is missing or older than the sources. Plain JavaScript,
// because nothing has been compiled yet when it runs. Two builds at once are harmless: each writes a folder of its own
// and the last rename wins.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const stamp = join(dist, '.built');
const rooms = ['main.ts', 'cli', 'core', 'gateway', 'subgraphs', 'adapters', 'worker', 'demo', 'test'];

const newest = (path) => {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return path.endsWith('.ts') ? stat.mtimeMs : 0;
  // A folder's own time changes when a file in it is removed.
  let latest = stat.mtimeMs;
  for (const entry of readdirSync(path)) {
    if (entry === 'node_modules') continue;
    latest = Math.max(latest, newest(join(path, entry)));
  }
  return latest;
};

/** Returns null when dist/ is fit to run, else what went wrong. */
export function buildIfStale() {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const built = existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
  if (!existsSync(join(root, 'tsconfig.build.json')) || !existsSync(tsc)) {
    return built > 0 ? null : 'maplebridge: nothing is built and TypeScript is not installed; run npm ci';
  }
  if (built > Math.max(...rooms.map((room) => newest(join(root, room))))) return null;

  const began = Date.now() / 1000;
  const fresh = join(root, `.build-${process.pid}`);
  const result = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', fresh], {
    cwd: root,
    encoding: 'utf8',
  });
  if (result.status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    return `maplebridge: the build failed\n${result.stdout}${result.stderr}`;
  }
  writeFileSync(join(fresh, '.built'), `${began}\n`);
  const old = `${fresh}-old`;
  if (existsSync(dist)) renameSync(dist, old);
  try {
    renameSync(fresh, dist);
  } catch (error) {
    // Another build put its own dist/ here between our two renames: it is as good as ours.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    rmSync(fresh, { recursive: true, force: true });
  }
  rmSync(old, { recursive: true, force: true });
  return null;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const fault = buildIfStale();
  if (fault) {
    console.error(fault);
    process.exitCode = 1;
  }
}
