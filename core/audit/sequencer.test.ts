import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/kit/database.ts';
import { appendSome, logFaults, memoryAnchor, testSequencer } from '../../test/kit/log-rig.ts';
import type { Anchor } from './anchor.ts';
import { audit } from './audit.ts';
import { parseCheckpoint } from './log/checkpoint.ts';
import { parseNote } from './log/note.ts';
import { logLag } from './read-log.ts';
import type { Witnesses } from './witness.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const sizeOf = (note: string | null): number => (note === null ? 0 : parseCheckpoint(parseNote(note).text).size);

const someoneWaits = async (): Promise<boolean> =>
  (
    await database.db.one<{ waits: boolean }>(
      `select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock') as waits`,
      [],
    )
  ).waits;

test('Whoever comes late to keep a checkpoint takes back nothing that another has kept since', async () => {
  const { db } = database;
  const shared = memoryAnchor();
  const sizes: number[] = [];
  const noting: Anchor = {
    read: () => shared.read(),
    keep(note) {
      sizes.push(sizeOf(note));
      return shared.keep(note);
    },
  };
  // A process that was stopped for a while in the middle of keeping.
  let letGo = (): void => undefined;
  const isLetGo = new Promise<void>((resolve) => (letGo = resolve));
  let arrive = (): void => undefined;
  const hasArrived = new Promise<void>((resolve) => (arrive = resolve));
  const slow: Anchor = {
    read: () => shared.read(),
    async keep(note) {
      arrive();
      await isLetGo;
      await noting.keep(note);
    },
  };
  await appendSome(db, 10);
  const late = testSequencer(db, slow).run();
  await hasArrived;
  await appendSome(db, 5);
  let isOver = false;
  const next = testSequencer(db, noting)
    .run()
    .finally(() => {
      isOver = true;
    });
  // The other may go past it or wait for it.
  while (!isOver && !(await someoneWaits())) continue;
  letGo();
  await Promise.allSettled([late, next]);
  expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
  expect(sizeOf(shared.note)).toBe(15);
  expect(await logFaults(db)).toEqual([]);
});

test('The lag tells of what has a place and is not published: witnesses that do not sign hold it up', async () => {
  const { db } = database;
  const HOUR = 3_600_000;
  const witnesses: Witnesses = { cosign: () => Promise.reject(new Error('0 of 1 witnesses signed')) };
  const at = new Date(Date.now() - HOUR);
  await audit.append(db, { kind: 'test.done', subject: 'sub_1', actor: null, at, body: {} });
  const anchor = memoryAnchor();
  await expect(testSequencer(db, anchor, { witnesses }).run()).rejects.toThrow('0 of 1 witnesses signed');
  const held = await logLag(db);
  expect(held.waiting).toBe(0);
  expect(held.lagMs).toBeGreaterThanOrEqual(HOUR);
  await testSequencer(db, anchor).run();
  expect(await logLag(db)).toEqual({ lagMs: 0, waiting: 0 });
});
