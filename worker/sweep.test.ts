import { expect, test } from 'vitest';
import { createTestDatabase } from '../test/kit/database.ts';
import { silentLog } from '../test/kit/index-rig.ts';
import { startSweep } from './sweep.ts';

test('A sweep keeps nothing of rounds that are over: all under one lock have the same signal, which stopping aborts', async () => {
  const database = await createTestDatabase();
  const signals = new Set<AbortSignal>();
  let rounds = 0;
  let done = (): void => undefined;
  const often = new Promise<void>((resolve) => {
    done = resolve;
  });
  const sweeping = startSweep({
    ...{ db: database.db, name: 'test', everyMs: 0, log: silentLog },
    async sweep(signal) {
      signals.add(signal);
      rounds += 1;
      if (rounds === 20) done();
    },
  });
  await often;
  await sweeping.stop();
  await database.drop();
  expect(rounds).toBeGreaterThanOrEqual(20);
  expect([...signals].map(({ aborted }) => aborted)).toEqual([true]);
});
