// Two hundred random callers with a hundred random questions each (test/scenarios/random-callers.test.ts).
import { spawnSync } from 'node:child_process';

const { status } = spawnSync(
  'npx',
  ['vitest', 'run', '--project', 'scenarios', 'test/scenarios/random-callers.test.ts'],
  {
    stdio: 'inherit',
    env: { ...process.env, RANDOM_CALLERS: process.env['RANDOM_CALLERS'] ?? '200x100' },
  },
);
process.exitCode = status ?? 1;
