import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/kit/database.ts';
import { createDataKeys, destroyDataKeys, makeDataKey, openDataKey, storeAllDataKeys } from './data-keys.ts';
import { createKeyring, wrappedBy } from './keyring.ts';

const first = Buffer.alloc(32, 7);
const keyring = createKeyring(first);
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

let count = 0;
const newOwner = (): string => `men_${String((count += 1))}`;

it('opens what it sealed under its own key and context, and under no other', () => {
  const text = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(text, text, text, text, fc.nat(), (plain, context, otherContext, otherOwner, at) => {
      const { key, wrapped } = makeDataKey(keyring, 'men_own');
      const sealed = key.seal(plain, context);
      const again = openDataKey(keyring, { owner: 'men_own', wrapped });
      expect(again.open(sealed, context).toString()).toBe(plain);
      if (otherContext !== context) expect(() => key.open(sealed, otherContext)).toThrow('cannot be opened');
      if (otherOwner !== 'men_own')
        expect(() => openDataKey(keyring, { owner: otherOwner, wrapped })).toThrow('cannot be opened');
      expect(() => makeDataKey(keyring, 'men_own').key.open(sealed, context)).toThrow('cannot be opened');
      const changed = Buffer.from(sealed);
      changed[at % changed.length] = (changed[at % changed.length] ?? 0) ^ 1;
      expect(() => key.open(changed, context)).toThrow('cannot be opened');
    }),
    { numRuns: 100 },
  );
});

it('commits to the same parts equally, to differently cut ones and under other keys differently', () => {
  const { key } = makeDataKey(keyring, 'per_1');
  expect(key.mac('ab', 'c')).toEqual(key.mac('ab', 'c'));
  expect(key.mac('ab', 'c')).not.toEqual(key.mac('a', 'bc'));
  expect(key.mac('ab', 'c')).not.toEqual(makeDataKey(keyring, 'per_1').key.mac('ab', 'c'));
});

it('makes a key once, and gives it again to whoever asks', async () => {
  const owner = newOwner();
  const { db } = database;
  expect([...(await createDataKeys(keyring).find(db, [owner]))]).toEqual([]);
  const made = await createDataKeys(keyring).obtain(db, [owner, owner]);
  const sealed = made.get(owner)?.seal('宋枫桥', 'name') ?? Buffer.alloc(0);
  for (const keys of [createDataKeys(keyring).obtain(db, [owner]), createDataKeys(keyring).find(db, [owner])])
    expect((await keys).get(owner)?.open(sealed, 'name').toString()).toBe('宋枫桥');
});

it('agrees with another who makes the same keys at the same moment', async () => {
  const owners = [newOwner(), newOwner()];
  const [one, two] = [createDataKeys(keyring), createDataKeys(keyring)];
  let answer: Promise<unknown> = Promise.resolve();
  const sealed = await database.db.tx(async (tx) => {
    const keys = await one.obtain(tx, owners);
    // Asked for while the first has not committed: it waits, and is given the first one's.
    answer = two.obtain(database.db, [...owners].reverse());
    return owners.map((owner) => keys.get(owner)?.seal(owner, 'x') ?? Buffer.alloc(0));
  });
  await answer;
  const keys = await two.find(database.db, owners);
  expect(
    owners.map((owner, index) =>
      keys
        .get(owner)
        ?.open(sealed[index] ?? Buffer.alloc(0), 'x')
        .toString(),
    ),
  ).toEqual(owners);
});

it('remembers no key that was rolled back', async () => {
  const owner = newOwner();
  const keys = createDataKeys(keyring);
  const { db } = database;
  await expect(
    db.tx(async (tx) => {
      await keys.obtain(tx, [owner]);
      await keys.obtain(tx, [owner]);
      throw new Error('not today');
    }),
  ).rejects.toThrow('not today');
  expect((await keys.find(db, [owner])).size).toBe(0);
  const kept = await keys.obtain(db, [owner]);
  const sealed = kept.get(owner)?.seal('x', 'y') ?? Buffer.alloc(0);
  expect((await createDataKeys(keyring).find(db, [owner])).get(owner)?.open(sealed, 'y').toString()).toBe('x');
});

it('finds no destroyed key, and makes none again, whether there was one or not', async () => {
  const [had, never] = [newOwner(), newOwner()];
  const elsewhere = createDataKeys(keyring);
  const { db } = database;
  await elsewhere.obtain(db, [had]);
  await db.tx((tx) => destroyDataKeys(tx, [had, never]));
  await db.tx((tx) => destroyDataKeys(tx, [had]));
  for (const owner of [had, never]) {
    expect((await elsewhere.find(db, [owner])).size).toBe(0);
    await expect(elsewhere.obtain(db, [owner])).rejects.toMatchObject({ code: 'CONFLICT' });
  }
  const rows = await db.query('select wrapped from data_key where id = any($1)', [[had, never]]);
  expect(rows).toEqual([{ wrapped: Buffer.alloc(0) }, { wrapped: Buffer.alloc(0) }]);
});

it('refuses to store a key over one that is there', async () => {
  const owner = newOwner();
  await createDataKeys(keyring).obtain(database.db, [owner]);
  await expect(storeAllDataKeys(database.db, keyring, [makeDataKey(keyring, owner)])).rejects.toMatchObject({
    retryable: true,
  });
});

it('wraps nothing by a master key that is no longer the newest, and looks for the new one by itself', async () => {
  const own = await createTestDatabase();
  try {
    const masters = new Map([[1, first]]);
    const running = createKeyring(first, () => new Map(masters));
    const keys = createDataKeys(running);
    await own.db.query('insert into data_key_master (number) values (2)');
    await expect(keys.obtain(own.db, ['men_late'])).rejects.toThrow('newest master key');
    masters.set(2, Buffer.alloc(32, 8));
    await keys.obtain(own.db, ['men_late']);
    const { wrapped } = await own.db.one<{ wrapped: Buffer }>('select wrapped from data_key');
    expect(wrappedBy(wrapped)).toBe(2);
    // One that was running since before the second was made finds it when it meets it.
    const unaware = createDataKeys(createKeyring(first, () => new Map(masters)));
    expect((await unaware.find(own.db, ['men_late'])).size).toBe(1);
  } finally {
    await own.drop();
  }
});
