import { expect, test } from 'vitest';
import { AppError } from './errors.ts';
import { gatherWrites } from './gather-writes.ts';

/** A store whose commits end when the test says so. */
function createStore(refuse: (items: readonly string[]) => Error | null = () => null) {
  const commits: (readonly string[])[] = [];
  const ends: (() => void)[] = [];
  const write = gatherWrites<string>(async (items) => {
    commits.push(items);
    await new Promise<void>((end) => ends.push(end));
    const fault = refuse(items);
    if (fault !== null) throw fault;
  }, 3);
  return { commits, write, endOne: () => ends.shift()?.(), waiting: () => ends.length };
}

const outcomes = async (writes: readonly Promise<void>[]): Promise<string[]> =>
  (await Promise.allSettled(writes)).map((one) =>
    one.status === 'fulfilled' ? 'stored' : (one.reason as Error).message,
  );

/** Lets everything go on that can without another commit's end. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function endAll(store: ReturnType<typeof createStore>): Promise<void> {
  while (store.waiting() > 0) {
    store.endOne();
    await turn();
  }
}

test('What comes while a commit is under way is stored in the next one, together, and nobody is told before their own', async () => {
  const store = createStore();
  const first = store.write('a');
  const next = ['b', 'c', 'd', 'e'].map((item) => store.write(item));
  expect(store.commits).toEqual([['a']]);
  let told = 0;
  for (const one of next) void one.then(() => (told += 1));
  store.endOne();
  await first;
  await turn();
  expect(told).toBe(0);
  await endAll(store);
  expect(await outcomes(next)).toEqual(['stored', 'stored', 'stored', 'stored']);
  // No more than three at once.
  expect(store.commits).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
});

test('One that cannot be stored fails by itself; those that were with it are stored', async () => {
  const store = createStore((items) => (items.includes('bad') ? new Error('not this one') : null));
  const told = outcomes(['a', 'bad', 'c'].map((item) => store.write(item)));
  await endAll(store);
  expect(await told).toEqual(['stored', 'not this one', 'stored']);
  const later = store.write('d');
  await endAll(store);
  expect(await outcomes([later])).toEqual(['stored']);
});

test('When the server is away all of a batch are told so at once, and the next who comes tries again', async () => {
  let away = true;
  const store = createStore(() => (away ? new AppError('INTERNAL', 'away', { retryable: true }) : null));
  const told = outcomes(['a', 'b', 'c'].map((item) => store.write(item)));
  await endAll(store);
  expect(await told).toEqual(['away', 'away', 'away']);
  expect(store.commits).toEqual([['a'], ['b', 'c']]);
  away = false;
  const later = store.write('d');
  await endAll(store);
  expect(await outcomes([later])).toEqual(['stored']);
});
