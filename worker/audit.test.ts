import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../test/kit/database.ts';
import { silentLog } from '../test/kit/index-rig.ts';
import { appendSome, memoryAnchor, testSequencer } from '../test/kit/log-rig.ts';
import { parseCheckpoint } from '../core/audit/log/checkpoint.ts';
import { parseNote } from '../core/audit/log/note.ts';
import type { Sequencer } from '../core/audit/sequencer.ts';
import { createDb } from '../core/platform/db.ts';
import { createAuditWorker } from './audit.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const NAME = 'audit-worker-test';
const TABLES = ['audit_entry', 'audit_leaf', 'audit_about', 'audit_tile', 'audit_head', 'audit_month'];

test('A worker whose connections are cut while an older database takes over does not go on from it', async () => {
  const { db, url } = database;
  const own = createDb({ url, applicationName: NAME, max: 4 });
  const anchor = memoryAnchor();
  const sizes: number[] = [];
  let look = (): void => undefined;
  const until = (isSo: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      look = () => {
        if (isSo()) resolve();
      };
      look();
    });
  const keeping = {
    read: () => anchor.read(),
    async keep(note: string) {
      await anchor.keep(note);
      sizes.push(parseCheckpoint(parseNote(note).text).size);
      look();
    },
  };
  const inner = testSequencer(own, keeping);
  const faults: string[] = [];
  let rests = false;
  const sequencer: Sequencer = {
    async run(signal) {
      rests = false;
      try {
        await inner.run(signal);
        rests = true;
      } catch (error) {
        faults.push(String(error));
        throw error;
      } finally {
        look();
      }
    },
  };
  const worker = createAuditWorker({ db: own, sequencer, log: silentLog, everyMs: 100 });
  try {
    await appendSome(db, 10);
    await until(() => sizes.at(-1) === 10);
    for (const table of TABLES) await db.query(`create table saved_${table} as select * from ${table}`);
    await appendSome(db, 5);
    await until(() => sizes.at(-1) === 15 && rests);
    // The primary goes while the worker rests; what comes up in its place is behind.
    await db.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [NAME]);
    await db.tx(async (tx) => {
      for (const table of TABLES) {
        await tx.query(`delete from ${table}`);
        await tx.query(`insert into ${table} overriding system value select * from saved_${table}`);
      }
    });
    await appendSome(db, 2);
    // Either it refuses or, going on, it publishes.
    await until(() => faults.some((fault) => fault.includes('would fork the audit log')) || sizes.at(-1) !== 15);
  } finally {
    await worker.stop();
    await own.close();
  }
  expect(sizes.at(-1)).toBe(15);
  expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
});
