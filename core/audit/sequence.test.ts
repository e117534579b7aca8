import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/kit/database.ts';
import { createFaultyDb } from '../../test/kit/faulty-db.ts';
import { createFaultyPort, FAULT_MODES } from '../../test/kit/faulty-port.ts';
import { appendSome, logFaults, memoryAnchor, testSequencer } from '../../test/kit/log-rig.ts';
import { queryableOver } from '../platform/db.ts';
import { audit } from './audit.ts';
import { parseCheckpoint } from './log/checkpoint.ts';
import { parseNote } from './log/note.ts';
import { isConsistent } from './log/proof.ts';
import { consistencyOf, publishedLog } from './read-log.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const checkpointOf = async () => {
  const log = await publishedLog(database.db);
  if (!log) throw new Error('Nothing is published.');
  return parseCheckpoint(parseNote(log.note).text);
};

test('Entries get a place each, in the order in which they were appended, and the checkpoint is over all of them', async () => {
  const { db } = database;
  const sequencer = testSequencer(db, memoryAnchor());
  await sequencer.run();
  expect((await checkpointOf()).size).toBe(0);
  for (const count of [1, 2, 253, 1, 300]) {
    await appendSome(db, count);
    await sequencer.run();
    expect(await logFaults(db)).toEqual([]);
  }
  expect((await checkpointOf()).size).toBe(557);
  const ids = await db.query<{ id: number }>('select id from audit_leaf order by index', []);
  expect(ids.map(({ id }) => id)).toEqual(ids.map(({ id }) => id).sort((a, b) => a - b));
  expect(await db.query('select from audit_entry', [])).toEqual([]);
});

test('More than one round can hold is sequenced in one run', async () => {
  const { db } = database;
  await appendSome(db, 5_000);
  await testSequencer(db, memoryAnchor()).run();
  expect((await checkpointOf()).size).toBe(5_000);
  expect(await logFaults(db)).toEqual([]);
});

test('What no index of the log can hold is refused when it is appended: in the log’s way it would stall all that come after it', async () => {
  const { db } = database;
  const long = randomBytes(3_000).toString('hex');
  const entry = { kind: 'audit.read', subject: 'req_1', actor: null, at: new Date(), body: {} };
  const actor = { subject: 'sub', roles: ['auditor'], organisation: { id: 'org' } };
  for (const poison of [
    { ...entry, about: [long] },
    { ...entry, subject: long },
    { ...entry, kind: long },
    { ...entry, actor: { ...actor, subject: long } },
    { ...entry, actor: { ...actor, organisation: { id: long } } },
  ])
    await expect(audit.append(db, entry, poison)).rejects.toThrow(/too long/);
  await audit.append(db, { ...entry, about: ['x'.repeat(1_000)] });
  await testSequencer(db, memoryAnchor()).run();
  expect((await checkpointOf()).size).toBe(1);
});

test('300 transactions that are open at once and end in reverse order: each entry has one place, and none is missing', async () => {
  const { db } = database;
  const sequencer = testSequencer(db, memoryAnchor());
  const clients = await Promise.all(
    Array.from({ length: 300 }, async () => {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      await client.query('begin');
      return client;
    }),
  );
  for (const client of clients)
    await appendSome(
      queryableOver(async (text, values) => (await client.query(text, values as never[])).rows as object[]),
      1,
    );
  for (const [at, client] of [...clients].reverse().entries()) {
    await client.query('commit');
    if (at % 7 === 0) await sequencer.run();
  }
  await sequencer.run();
  await Promise.all(clients.map((client) => client.end()));
  expect((await checkpointOf()).size).toBe(300);
  expect(await logFaults(db)).toEqual([]);
  const { distinct } = await db.one<{ distinct: number }>('select count(distinct id) as distinct from audit_leaf', []);
  expect(distinct).toBe(300);
}, 60_000);

test('Two that sequence at once do not disturb each other', async () => {
  const { db } = database;
  const sequencers = [testSequencer(db, memoryAnchor()), testSequencer(db, memoryAnchor())];
  await Promise.all(
    Array.from({ length: 20 }, async (_, round) => {
      await appendSome(db, 30);
      await sequencers[round % 2]?.run();
    }),
  );
  await sequencers[0]?.run();
  expect((await checkpointOf()).size).toBe(600);
  expect(await logFaults(db)).toEqual([]);
});

for (const mode of FAULT_MODES)
  test(`Broken at every step, twice (${mode}): the next checkpoint continues the last, and every entry has one place`, async () => {
    const { db } = database;
    const port = createFaultyPort();
    const anchor = memoryAnchor();
    const faulty = {
      read: () => port.call('read the anchor', () => anchor.read()),
      keep: (note: string) => port.call('keep the anchor', () => anchor.keep(note)),
    };
    // What was public at any time: nobody may have seen a checkpoint that does not lead to the next.
    const seen = [];
    let appended = 0;
    await testSequencer(db, anchor).run();
    for (let step = 1, isOver = false; !isOver; step++) {
      await appendSome(db, 3);
      appended += 3;
      for (let time = 1; time <= 2; time++) {
        port.arm(step, mode);
        // Another process each time: nothing is remembered.
        const broken = await testSequencer(createFaultyDb(db, port), faulty)
          .run()
          .then(
            () => false,
            () => true,
          );
        const { fired } = port;
        port.disarm();
        expect(broken).toBe(fired);
        isOver = !fired;
        if (anchor.note !== null) seen.push(parseCheckpoint(parseNote(anchor.note).text));
        seen.push(await checkpointOf());
      }
      await testSequencer(db, anchor).run();
      expect(await logFaults(db)).toEqual([]);
      seen.push(await checkpointOf());
    }
    expect((await checkpointOf()).size).toBe(appended);
    expect(appended).toBeGreaterThan(3 * 10);
    seen.sort((a, b) => a.size - b.size);
    for (const [at, newer] of seen.entries()) {
      const older = seen[at - 1];
      if (!older || older.size === 0) continue;
      const proof = await consistencyOf(db, older.size, newer.size);
      expect(isConsistent({ older, newer, proof })).toBe(true);
    }
  });

test('A month’s entries lie in a partition of their own, and an index is one entry’s alone', async () => {
  const { db } = database;
  let now = new Date('2026-11-30T23:59:00Z');
  const sequencer = testSequencer(db, memoryAnchor(), { now: () => now });
  const months = ['2026-11-30T23:59:00Z', '2026-12-01T00:01:00Z', '2026-12-31T10:00:00Z', '2027-02-03T00:00:00Z'];
  for (const month of months) {
    now = new Date(month);
    await appendSome(db, 10);
    await sequencer.run();
  }
  const partitions = await db.query(
    `select tableoid::regclass::text as name, min(index) as first, count(*) as entries from audit_leaf group by 1 order by 2`,
    [],
  );
  expect(partitions).toEqual([
    { name: 'audit_leaf_2026_11', first: 0, entries: 10 },
    { name: 'audit_leaf_2026_12', first: 10, entries: 20 },
    { name: 'audit_leaf_2027_02', first: 30, entries: 10 },
  ]);
  expect(await logFaults(db)).toEqual([]);
});

test('A clock that goes back over the turn of a month leaves no place twice or missing', async () => {
  const { db } = database;
  const anchor = memoryAnchor();
  const moments = ['2026-01-31T23:59:59Z', '2026-02-01T00:00:00Z', '2026-01-31T23:59:00Z', '2026-05-01T00:00:00Z'];
  for (const now of [...moments, '2026-02-02T00:00:00Z', '2026-06-01T00:00:00Z', '2027-01-01T00:00:00Z']) {
    await appendSome(db, 3);
    await testSequencer(db, anchor, { now: () => new Date(now) }).run();
  }
  expect((await checkpointOf()).size).toBe(21);
  expect(await logFaults(db)).toEqual([]);
});

test('Whoever still reads at the turn of the month, as a backup does, holds up neither the log nor its other readers', async () => {
  const { db } = database;
  const sequencedAt = (now: string): Promise<void> =>
    testSequencer(db, memoryAnchor(), { now: () => new Date(now) }).run();
  const months = async (): Promise<string[]> =>
    (await db.query<{ month: string }>('select month::text from audit_month order by 1', [])).map(({ month }) => month);
  await appendSome(db, 3);
  await sequencedAt('2026-01-31T23:00:00Z');
  await appendSome(db, 3);
  await db.tx(
    async (tx) => {
      await tx.query('select count(*) from audit_leaf', []);
      await sequencedAt('2026-02-01T00:00:00Z');
      await db.query('select count(*) from audit_leaf', []);
    },
    { isolation: 'repeatable read' },
  );
  expect((await checkpointOf()).size).toBe(6);
  expect(await months()).toEqual(['2026-01-01']);
  // Nobody reads any more: the month begins with what comes next.
  await appendSome(db, 1);
  await sequencedAt('2026-02-01T00:01:00Z');
  expect(await months()).toEqual(['2026-01-01', '2026-02-01']);
  expect(await logFaults(db)).toEqual([]);
});
