import { expect, test } from 'vitest';
import { createBatches } from './batch.ts';

/** Batches that end when they are told to. */
function held() {
  const batches: string[][] = [];
  const ends: (() => void)[] = [];
  const run = (items: readonly string[]): Promise<string[]> => {
    batches.push([...items]);
    return new Promise((resolve, reject) =>
      ends.push(() => (items.includes('bad') ? reject(new Error('bad')) : resolve(items.map((item) => `${item}!`)))),
    );
  };
  return { batches, run, end: () => ends.shift()?.() };
}

/** Whatever could go on by now has gone on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('The first goes at once, and what is asked meanwhile goes together', async () => {
  const { batches, run, end } = held();
  const ask = createBatches(run, { most: 3, atOnce: 1 });
  const all = Promise.all(['a', 'b', 'c', 'd', 'e'].map(ask));
  expect(batches).toEqual([['a']]);
  end();
  await settled();
  expect(batches).toEqual([['a'], ['b', 'c', 'd']]);
  end();
  await settled();
  end();
  expect(await all).toEqual(['a!', 'b!', 'c!', 'd!', 'e!']);
  expect(batches).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
});

test('One that goes wrong spoils no other’s', async () => {
  const { run, end } = held();
  const ask = createBatches(run, { most: 9, atOnce: 1 });
  const all = Promise.allSettled(['a', 'b', 'bad', 'c'].map(ask));
  for (let turns = 0; turns < 5; turns += 1) {
    end();
    await settled();
  }
  expect((await all).map((one) => (one.status === 'fulfilled' ? one.value : 'rejected'))).toEqual([
    ...['a!', 'b!', 'rejected', 'c!'],
  ]);
});
