import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/kit/database.ts';
import { appendSome, logFaults, memoryAnchor, testSequencer } from '../../test/kit/log-rig.ts';
import { parseCheckpoint } from './log/checkpoint.ts';
import { parseNote } from './log/note.ts';
import type { Witnesses } from './witness.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

/** As a backup of this moment would bring it back. */
const TABLES = ['audit_entry', 'audit_leaf', 'audit_about', 'audit_tile', 'audit_head', 'audit_month'];
async function backUp(): Promise<() => Promise<void>> {
  const { db } = database;
  for (const table of TABLES) await db.query(`create table saved_${table} as select * from ${table}`);
  return () =>
    db.tx(async (tx) => {
      for (const table of TABLES) {
        await tx.query(`delete from ${table}`);
        await tx.query(`insert into ${table} overriding system value select * from saved_${table}`);
      }
    });
}

test('A database from before the last checkpoint is not gone on from: its tree would fork', async () => {
  const { db } = database;
  const anchor = memoryAnchor();
  await appendSome(db, 10);
  await testSequencer(db, anchor).run();
  const restore = await backUp();
  await appendSome(db, 5);
  await testSequencer(db, anchor).run();
  await restore();
  await appendSome(db, 5);
  const sequencer = testSequencer(db, anchor);
  await expect(sequencer.run()).rejects.toThrow(/15 entries were published, and this database ends after 10/);
  // As often as it is tried, and nothing is lost of what waits.
  await expect(sequencer.run()).rejects.toThrow(/fork/);
  expect(await db.query('select from audit_entry', [])).toHaveLength(5);
  expect(await logFaults(db)).toEqual([]);
});

test('Nor does a worker that keeps running go on from it: no call of its own has failed meanwhile', async () => {
  const { db } = database;
  const anchor = memoryAnchor();
  const sequencer = testSequencer(db, anchor);
  await appendSome(db, 10);
  await sequencer.run();
  const restore = await backUp();
  await appendSome(db, 5);
  await sequencer.run();
  const published = anchor.note;
  // A standby that lags behind takes over.
  await restore();
  await appendSome(db, 7);
  await expect(sequencer.run()).rejects.toThrow(/15 entries were published, and this database ends after 10/);
  expect(anchor.note).toBe(published);
});

test('A database that has grown past the last checkpoint in another way is not gone on from either', async () => {
  const { db } = database;
  const anchor = memoryAnchor();
  await appendSome(db, 10);
  await testSequencer(db, anchor).run();
  const restore = await backUp();
  await appendSome(db, 5);
  await testSequencer(db, anchor).run();
  await restore();
  await appendSome(db, 6);
  // A worker on a machine that knows nothing of the checkpoint.
  await testSequencer(db, memoryAnchor()).run();
  await expect(testSequencer(db, anchor).run()).rejects.toThrow(/not those that were published/);
});

test('A database from after the last checkpoint continues', async () => {
  const { db } = database;
  const anchor = memoryAnchor();
  await appendSome(db, 10);
  await testSequencer(db, anchor).run();
  const restore = await backUp();
  await restore();
  await appendSome(db, 1);
  await testSequencer(db, anchor).run();
  expect(await logFaults(db)).toEqual([]);
});

test('What was shown to a witness is kept before it is: a database from before it is not gone on from', async () => {
  const { db } = database;
  const anchor = memoryAnchor();
  const keptWhenAsked: number[] = [];
  const witnesses: Witnesses = {
    cosign({ size }) {
      keptWhenAsked.push(anchor.note === null ? -1 : parseCheckpoint(parseNote(anchor.note).text).size - size);
      return Promise.resolve([]);
    },
  };
  const sequencer = testSequencer(db, anchor, { witnesses });
  for (const count of [2, 3]) {
    await appendSome(db, count);
    await sequencer.run();
  }
  expect(keptWhenAsked).toEqual([0, 0]);
});

test('A restored database is gone on from only where it is known what was published last', async () => {
  const { db } = database;
  const anchor = memoryAnchor();
  await appendSome(db, 10);
  await testSequencer(db, anchor).run();
  await db.query('update audit_head set is_restored = true', []);
  await appendSome(db, 1);
  await expect(testSequencer(db, memoryAnchor()).run()).rejects.toThrow(/Put the newest checkpoint/);
  await testSequencer(db, anchor).run();
  expect(await logFaults(db)).toEqual([]);
  // Known from then on.
  await appendSome(db, 1);
  await testSequencer(db, memoryAnchor()).run();
});
