/** `npm run chaos`: referrals while everything is killed, emptied and stopped. Prints the counts; exit code 1 at any violation. */
import { parseArgs } from 'node:util';
import type { ChaosOptions } from './options.ts';
import { redisProgram } from './redis.ts';
import { runChaos } from './run.ts';

const USAGE = `Usage: npm run chaos -- [--referrals N] [--kills N] [--empties N] [--restarts N] [--doubles N] [--at-once N]
                       [--backend postgres|redis|both] [--seed N]
`;

const { values } = parseArgs({
  options: {
    referrals: { type: 'string', default: '2000' },
    kills: { type: 'string', default: '100' },
    empties: { type: 'string', default: '20' },
    restarts: { type: 'string', default: '10' },
    doubles: { type: 'string', default: '1' },
    'at-once': { type: 'string', default: '60' },
    backend: { type: 'string', default: 'both' },
    seed: { type: 'string', default: '1' },
  },
});

function number(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  process.stderr.write(USAGE);
  process.exit(2);
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const BACKENDS = { postgres: ['postgres'], redis: ['redis'], both: ['postgres', 'redis'] } as const;
/** A second failure in a row keeps an endpoint waiting for five minutes. */
const QUIET_WITHIN_MS = 8 * 60_000;
const MOST_SHOWN = 40;

let stop: () => Promise<void> = () => Promise.resolve();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void stop().finally(() => process.exit(130)));

async function run(backend: ChaosOptions['backend']): Promise<boolean> {
  say(`Chaos on ${backend === 'redis' ? 'Redis' : 'PostgreSQL alone'}, seed ${values.seed}`);
  const report = await runChaos({
    ...{ backend, say, quietWithinMs: QUIET_WITHIN_MS, seed: number(values.seed) },
    disturbWithinMs: null,
    onOpen: (close) => (stop = close),
    ...{ referrals: number(values.referrals), atOnce: number(values['at-once']), doubles: number(values.doubles) },
    ...{ kills: number(values.kills), empties: number(values.empties), restarts: number(values.restarts) },
  });
  for (const [what, count] of [...report.counts].sort(([one], [other]) => (one < other ? -1 : 1)))
    say(`  ${String(count).padStart(8)}  ${what}`);
  for (const violation of report.violations.slice(0, MOST_SHOWN)) say(`  VIOLATION ${violation}`);
  if (report.violations.length > MOST_SHOWN) say(`  … and ${report.violations.length - MOST_SHOWN} more`);
  say(
    `  ${report.violations.length} violations in ${report.seconds} s${report.folder ? `; see ${report.folder}` : ''}`,
  );
  return report.violations.length === 0;
}

const backends = Object.hasOwn(BACKENDS, values.backend) ? BACKENDS[values.backend as keyof typeof BACKENDS] : null;
if (backends === null) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  for (const backend of backends) {
    if (backend === 'redis' && redisProgram() === null) {
      say('SKIPPED: no redis-server is installed, so nothing was tried on Redis.');
      process.exitCode = 1;
    } else if (!(await run(backend))) process.exitCode = 1;
  }
}
