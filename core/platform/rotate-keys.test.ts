import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/kit/database.ts';
import { createFaultyDb } from '../../test/kit/faulty-db.ts';
import { createFaultyPort, FAULT_MODES } from '../../test/kit/faulty-port.ts';
import { createDataKeys, destroyDataKeys } from './data-keys.ts';
import { loadKeyring, makeMaster, readMasters, wrapRoot } from './key-folder.ts';
import type { Keyring } from './keyring.ts';
import { countByMaster, ROTATE_LOCK, rotateKeys } from './rotate-keys.ts';

let database: TestDatabase;
let folder: string;
let before: Keyring;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'maplebridge-rotate-'));
  database = await createTestDatabase();
  before = loadKeyring(folder, { create: true });
});
afterEach(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const owners = Array.from({ length: 12 }, (_, index) => `men_${String(index).padStart(2, '0')}`);

/** Seals something under a key for each owner; what comes back opens all of it again, from nothing but folder and database. */
async function sealAll(): Promise<() => Promise<void>> {
  const keys = await createDataKeys(before).obtain(database.db, owners);
  const sealed = owners.map((owner) => keys.get(owner)?.seal(owner, 'x') ?? Buffer.alloc(0));
  const hash = before.hash('index.hash', 'name', '宋枫桥');
  const cursor = before.seal('cursor', 'position', 'list');
  return async () => {
    const now = loadKeyring(folder, { create: false });
    const found = await createDataKeys(now).find(database.db, owners);
    owners.forEach((owner, index) => {
      expect(
        found
          .get(owner)
          ?.open(sealed[index] ?? Buffer.alloc(0), 'x')
          .toString(),
      ).toBe(owner);
    });
    expect(now.hash('index.hash', 'name', '宋枫桥')).toEqual(hash);
    expect(now.open('cursor', cursor, 'list').toString()).toBe('position');
  };
}

it('wraps everything anew, leaves hashes and what is sealed as they are, and says which file may go', async () => {
  const opens = await sealAll();
  const told: number[] = [];
  const rotation = await rotateKeys(database.db, folder, { onProgress: (done) => told.push(done) });
  expect(rotation).toEqual({ number: 2, rewrapped: owners.length, retired: ['master.key'] });
  expect(told).toEqual([owners.length]);
  await opens();
  rmSync(join(folder, 'master.key'));
  await opens();
  expect(await rotateKeys(database.db, folder)).toMatchObject({ number: 3, retired: ['master.2.key'] });
  rmSync(join(folder, 'master.2.key'));
  await opens();
  expect(readdirSync(folder).sort()).toEqual(['master.3.key', 'root.key']);
});

it('opens everything wherever it is killed, and ends where it would have ended', async () => {
  const opens = await sealAll();
  const port = createFaultyPort();
  const faulty = createFaultyDb(database.db, port);
  port.arm(0);
  await rotateKeys(faulty, folder);
  const steps = port.disarm().length;
  expect(steps).toBeGreaterThan(5);
  let number = 2;
  for (let at = 1; at <= steps; at++)
    for (const mode of FAULT_MODES) {
      port.arm(at, mode);
      await expect(rotateKeys(faulty, folder)).rejects.toThrow('does not answer');
      port.disarm();
      await opens();
      const rotation = await rotateKeys(database.db, folder);
      expect([number + 1, number + 2]).toContain(rotation.number);
      number = rotation.number;
      expect(await countByMaster(database.db)).toEqual([{ number, count: owners.length }]);
      for (const [old] of readMasters(folder))
        if (old < number) rmSync(join(folder, `master.${old === 1 ? '' : `${old}.`}key`));
      await opens();
    }
});

it('goes on with a master key that was made and not used, and with a root that was wrapped and no more', async () => {
  const opens = await sealAll();
  makeMaster(folder, 2);
  await opens();
  wrapRoot(folder);
  await opens();
  expect((await rotateKeys(database.db, folder)).number).toBe(2);
  await opens();
});

it('refuses a second one at the same moment', async () => {
  await database.db.withAdvisoryLock(ROTATE_LOCK, async () => {
    await expect(rotateKeys(database.db, folder)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
  const [one, two] = await Promise.allSettled([rotateKeys(database.db, folder), rotateKeys(database.db, folder)]);
  expect([one.status, two.status].filter((status) => status === 'fulfilled').length).toBeGreaterThan(0);
});

it('does not bring a key back that is destroyed while it runs', async () => {
  await sealAll();
  const keys = createDataKeys(before);
  const [gone = ''] = owners;
  const db = {
    ...database.db,
    async query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> {
      if (text.includes('update data_key')) await database.db.tx((tx) => destroyDataKeys(tx, [gone]));
      return database.db.query<Row>(text, values);
    },
  };
  await rotateKeys(db, folder);
  expect((await keys.find(database.db, owners)).size).toBe(owners.length - 1);
  expect((await createDataKeys(before).find(database.db, [gone])).size).toBe(0);
});

it('finds in a process that was running all along what the new master key wraps, and wraps by it from then on', async () => {
  const opens = await sealAll();
  const running = createDataKeys(before);
  await rotateKeys(database.db, folder);
  expect((await running.find(database.db, owners)).size).toBe(owners.length);
  await running.obtain(database.db, ['men_new']);
  expect(await countByMaster(database.db)).toEqual([{ number: 2, count: owners.length + 1 }]);
  await opens();
});

it('waits for whoever is making a key by the old one, and wraps that too', async () => {
  let rotated: Promise<unknown> = Promise.resolve();
  await database.db.tx(async (tx) => {
    await createDataKeys(before).obtain(tx, ['men_slow']);
    rotated = rotateKeys(database.db, folder);
    // Until it stands at the table's lock.
    for (;;) {
      const { waiting } = await tx.one<{ waiting: boolean }>(
        `select exists (select from pg_locks where relation = 'data_key'::regclass and not granted) as waiting`,
      );
      if (waiting) break;
    }
  });
  await rotated;
  expect(await countByMaster(database.db)).toEqual([{ number: 2, count: 1 }]);
});

it('says what is missing where a file of keys was not copied', async () => {
  await sealAll();
  await rotateKeys(database.db, folder);
  rmSync(join(folder, 'root.key'));
  rmSync(join(folder, 'master.key'));
  expect(() => loadKeyring(folder, { create: false })).toThrow('root.key is missing');
  rmSync(join(folder, 'master.2.key'));
  expect(() => loadKeyring(folder, { create: false })).toThrow('No master.key');
});
