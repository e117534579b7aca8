import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Db } from '../../core/platform/db.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { createFaultyDb } from './faulty-db.ts';
import { createFaultyPort, type FaultMode } from './faulty-port.ts';

let database: TestDatabase;
let faulty: Db;
const port = createFaultyPort();
beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  faulty = createFaultyDb(database.db, port);
  await database.db.query('create table kept (n integer)');
});
afterAll(() => database.drop());

const insert = 'insert into kept values ($1)';

/** Two rows in one transaction; whether the caller was told that it went well, and what is there. */
async function broken(at: number, mode: FaultMode): Promise<{ told: boolean; rows: number; calls: number }> {
  await database.db.query('delete from kept', []);
  port.arm(at, mode);
  const told = await faulty
    .tx(async (tx) => {
      await tx.query(insert, [1]);
      // Whoever goes on after a lost connection finds it lost.
      await tx.query(insert, [2]).catch(() => undefined);
    })
    .then(
      () => true,
      () => false,
    );
  const calls = port.disarm().length;
  const { rows } = await database.db.one<{ rows: number }>('select count(*) as rows from kept', []);
  return { told, rows, calls };
}

test('A transaction is BEGIN, its statements and COMMIT; broken anywhere it is not stored, and its caller knows', async () => {
  expect(await broken(0, 'failed')).toEqual({ told: true, rows: 2, calls: 4 });
  for (const at of [1, 2, 3, 4]) expect(await broken(at, 'failed')).toMatchObject({ told: false, rows: 0 });
});

test('Only a COMMIT that got there is stored although its caller is told otherwise', async () => {
  for (const at of [1, 2, 3]) expect(await broken(at, 'failed but stored')).toMatchObject({ told: false, rows: 0 });
  expect(await broken(4, 'failed but stored')).toEqual({ told: false, rows: 2, calls: 4 });
});

test('A statement of its own is stored or not, and its caller is told that it failed', async () => {
  for (const [mode, rows] of [
    ['failed', 0],
    ['failed but stored', 1],
  ] as const) {
    await database.db.query('delete from kept', []);
    port.arm(1, mode);
    await expect(faulty.query(insert, [1])).rejects.toMatchObject({ retryable: true });
    port.disarm();
    expect(await database.db.query('select from kept', [])).toHaveLength(rows);
  }
});
