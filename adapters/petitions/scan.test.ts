import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChangePage } from '../../core/department.ts';
import type { PetitionRecord } from '../../core/department-record.ts';
import { createKeyring } from '../../core/platform/keyring.ts';
import { createTestDatabase } from '../../test/kit/database.ts';
import type { TestDatabase } from '../../test/kit/database.ts';
import { wireFault } from '../kit/wire-fault.ts';
import { createScan } from './scan.ts';
import type { ScanSource } from './scan.ts';
import { createPassingScanState, createScanState } from './scan-state.ts';
import type { ScanState } from './scan-state.ts';

const keyring = createKeyring(randomBytes(32));
const STRUCK = 'struck';
const DIRTY = 'dirty';

/** The bureau's view: content by key. */
function bureau(rows: Map<string, string>): ScanSource {
  return {
    rows: async (after, limit) =>
      [...rows]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .filter(([key]) => after === null || key > after)
        .slice(0, limit)
        .map(([jlid, content]) => ({ jlid, content })),
    count: async () => rows.size,
    parse(row) {
      if (row['content'] === STRUCK) return null;
      if (row['content'] === DIRTY) return wireFault('PETITIONS', 'unparsable', { field: 'xfxs' });
      return { key: row.jlid, subject: row['content'] } as unknown as PetitionRecord;
    },
  };
}

/** As core/people reads in: stores a page and its cursor together, and asks for the next page while it does. */
function reader(state: ScanState, rows: Map<string, string>, pageSize = 2) {
  const scan = createScan({ state, keyring, pageSize });
  const source = bureau(rows);
  const index = new Map<string, string>();
  let cursor: string | null = null;
  return {
    index,
    startAnew() {
      cursor = null;
    },
    /** Reads to the end, or dies before it has stored page `dieAt`. Gives how many changes it stored. */
    read: async (dieAt = Infinity, between: () => void = () => undefined): Promise<number> => {
      let stored = 0;
      let next = scan(cursor, source);
      for (let number = 0; ; number += 1) {
        const page: ChangePage<PetitionRecord> = await next;
        between();
        if (page.more) next = scan(page.cursor, source);
        await next;
        if (number === dieAt) return stored;
        for (const change of page.changes) {
          if (change.type === 'upsert') index.set(change.record.key, change.record.subject);
          else index.delete(change.key);
        }
        stored += page.changes.length;
        cursor = page.cursor;
        if (!page.more) return stored;
      }
    },
  };
}

const held = (rows: Map<string, string>): [string, string][] =>
  [...rows].filter(([, content]) => content !== STRUCK).sort();
const sorted = (index: Map<string, string>): [string, string][] => [...index].sort();

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const states = {
  'the database': async () => {
    await database.db.query('truncate petition_scan');
    return createScanState(database.db);
  },
  'the process': async () => createPassingScanState(),
};

describe.each(Object.entries(states))('With what was told kept in %s', (name, fresh) => {
  const seven = () => new Map(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((key) => [key, '1']));

  test('the first scan tells everything, and the next nothing', async () => {
    const rows = seven();
    const { read, index } = reader(await fresh(), rows);
    expect(await read()).toBe(7);
    expect(sorted(index)).toEqual(held(rows));
    expect([await read(), await read(), await read()]).toEqual([0, 0, 0]);
  });

  test('a change and a deletion that touch no date are told by the next scan, and once', async () => {
    const rows = seven();
    const { read, index } = reader(await fresh(), rows);
    await read();
    rows.set('c', '2').delete('f');
    expect(await read()).toBe(2);
    expect(sorted(index)).toEqual(held(rows));
    expect([await read(), await read()]).toEqual([0, 0]);
  });

  test('a row struck out is told as deleted, and told again when it is restored', async () => {
    const rows = seven();
    const { read, index } = reader(await fresh(), rows);
    await read();
    rows.set('b', STRUCK);
    expect(await read()).toBe(1);
    expect(index.has('b')).toBe(false);
    expect(await read()).toBe(0);
    rows.set('b', '1');
    expect(await read()).toBe(1);
    expect(sorted(index)).toEqual(held(rows));
  });

  test('the last rows of the keys, and all rows, may vanish', async () => {
    const rows = seven();
    const { read, index } = reader(await fresh(), rows);
    await read();
    rows.delete('g');
    await read();
    expect(sorted(index)).toEqual(held(rows));
    rows.clear();
    await read();
    expect(index.size).toBe(0);
  });

  test('a row told, stored and gone before anybody could note that it was stored is still told as gone', async () => {
    const rows = seven();
    const { read, index } = reader(await fresh(), rows, 100);
    await read();
    rows.set('x', 'new');
    await read();
    rows.delete('x');
    await read();
    expect(index.has('x')).toBe(false);
  });

  test('a change whose page was lost is told again', async () => {
    const rows = seven();
    const { read, index } = reader(await fresh(), rows);
    await read();
    rows.set('a', '2').delete('b');
    await read(0);
    await read();
    expect(sorted(index)).toEqual(held(rows));
  });

  test('a change whose page was lost is told although it was undone meanwhile', async () => {
    const rows = seven();
    const { read, index } = reader(await fresh(), rows);
    await read();
    rows.set('a', '2');
    await read(0);
    rows.set('a', '1');
    await read();
    await read();
    expect(sorted(index)).toEqual(held(rows));
  });

  test('a row that cannot be read keeps its place, is looked at by every scan, and is told when it is mended', async () => {
    const rows = seven();
    const state = await fresh();
    const { read, index } = reader(state, rows, 100);
    await read();
    rows.set('d', DIRTY);
    const scan = createScan({ state, keyring, pageSize: 100 });
    await read();
    expect(index.get('d')).toBe('1');
    const page = await scan(null, bureau(rows));
    expect(page.quarantined).toEqual([{ where: 'jlid d', field: 'xfxs', reason: 'not readable' }]);
    rows.set('d', '2');
    await read();
    expect(index.get('d')).toBe('2');
  });

  test('asked from the beginning, everything is told again, and what is gone as well', async () => {
    const rows = seven();
    const all = reader(await fresh(), rows);
    await all.read();
    rows.delete('a');
    all.startAnew();
    expect(await all.read()).toBe(7);
    expect(sorted(all.index)).toEqual(held(rows));
    expect(await all.read()).toBe(0);
  });

  test('the same cursor asked again goes on from the same place', async () => {
    const scan = createScan({ state: await fresh(), keyring, pageSize: 3 });
    const rows = seven();
    const first = await scan(null, bureau(rows));
    const second = await scan(first.cursor, bureau(rows));
    const again = await scan(first.cursor, bureau(rows));
    expect(again.changes).toEqual(second.changes);
    expect([first.total, second.total, second.more]).toEqual([7, 7, true]);
  });

  test('whatever changes while it reads and wherever it dies, two scans later it knows what the bureau holds', async () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    const content = fc.constantFrom('1', '2', STRUCK, null);
    const edits = fc.array(fc.tuple(key, content), { maxLength: 3 });
    const readings = fc.array(
      fc.record({ before: edits, during: fc.array(edits, { maxLength: 4 }), dieAt: fc.constantFrom(0, 1, 2, 3, 99) }),
      { maxLength: 7 },
    );
    await fc.assert(
      fc.asyncProperty(readings, fc.constantFrom(1, 2, 3, 10), async (steps, pageSize) => {
        const rows = new Map<string, string>();
        const { read, index } = reader(await fresh(), rows, pageSize);
        const apply = (list: readonly (readonly [string, string | null])[] = []): void => {
          for (const [at, what] of list) {
            if (what === null) rows.delete(at);
            else rows.set(at, what);
          }
        };
        for (const { before, during, dieAt } of steps) {
          apply(before);
          const left = [...during];
          await read(dieAt, () => apply(left.shift()));
        }
        // What a reader that died left of its scan, then one whole scan.
        await read();
        await read();
        expect(sorted(index)).toEqual(held(rows));
        await read();
        expect(await read()).toBe(0);
      }),
      { seed: 4, numRuns: name === 'the process' ? 600 : 60 },
    );
  });
});

test('a cursor tells nothing of a row, and one of another feed is refused', async () => {
  const scan = createScan({ state: createPassingScanState(), keyring, pageSize: 1 });
  const { cursor } = await scan(null, bureau(new Map([['a', 'secret']])));
  expect(cursor).not.toContain('secret');
  await expect(scan('12.40.7', bureau(new Map()))).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
});

test('nothing is noted as stored before a later cursor proves it', async () => {
  await database.db.query('truncate petition_scan');
  const scan = createScan({ state: createScanState(database.db), keyring, pageSize: 1 });
  const rows = new Map([
    ['a', '1'],
    ['b', '1'],
    ['c', '1'],
  ]);
  const settled = async (): Promise<string[]> =>
    (await database.db.query<{ key: string }>('select key from petition_scan where page is null order by key')).map(
      ({ key }) => key,
    );
  const first = await scan(null, bureau(rows));
  const second = await scan(first.cursor, bureau(rows));
  expect(await settled()).toEqual([]);
  await scan(second.cursor, bureau(rows));
  expect(await settled()).toEqual(['a']);
});
