import { beforeAll, expect, test } from 'vitest';
import { build } from '../kit/installation.ts';
import { redisProgram } from './redis.ts';
import { runChaos } from './run.ts';

/** `npm run chaos` has the large counts; here as many as a developer waits for. */
const SHORT = {
  ...{ referrals: 40, atOnce: 20, seed: 1 },
  ...{ kills: 6, empties: 2, restarts: 1, doubles: 0, disturbWithinMs: 15_000 },
  ...{ quietWithinMs: 420_000, say: () => undefined, onOpen: () => undefined },
};
/**
 * Mostly spent waiting for leases to run out, so that both wait at once. Where blows meet so that a receiver fails twice in a
 * row, its endpoint is left alone for five minutes, and that is waited for.
 */
const options = { concurrent: true, timeout: 900_000 };

const withRedis = redisProgram() !== null;
if (!withRedis) console.warn('\n  ⚠ SKIPPED  no redis-server is installed: chaos is NOT tried on Redis\n');

beforeAll(() => build());

test('Referrals come through whatever is killed and restarted under them, on PostgreSQL alone', options, async () => {
  expect((await runChaos({ ...SHORT, backend: 'postgres' })).violations).toEqual([]);
});

test.skipIf(!withRedis)('They do on Redis, which is emptied besides', options, async () => {
  expect((await runChaos({ ...SHORT, backend: 'redis' })).violations).toEqual([]);
});
