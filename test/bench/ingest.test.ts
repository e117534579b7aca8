import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../../core/platform/project-root.ts';

/** A program waited for like this can't be ended by the test's own time limit. */
const LONGEST_MS = 170_000;

const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, args, { cwd: projectRoot, encoding: 'utf8', timeout: LONGEST_MS });

test('A small county killed twice while it is read in ends as if nothing had happened, and silent changes are noticed', () => {
  expect(run(join('bin', 'build.mjs')).stderr).toBe('');
  const bench = run(join('dist', 'test', 'bench', 'main.js'), 'ingest', '--people', '600', '--kills', '2');
  expect(bench.stdout).toContain('Every target is met.');
  expect(bench.status).toBe(0);
}, 180_000);
