import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Kit } from '../../adapters/kit/kit.ts';
import { createPolice, policeSettings } from '../../adapters/police/client.ts';
import type { Change, Department } from '../../core/department.ts';
import type { PoliceIncidentRecord } from '../../core/department-record.ts';
import { loadRows } from '../../demo/county/county-files.ts';
import type { PoliceRow } from '../../demo/county/model.ts';
import { writeCounty } from '../../demo/county/write-county.ts';
import { openDepartment } from '../../demo/departments/kit/open.ts';
import type { RunningDepartment } from '../../demo/departments/kit/open.ts';
import { policeStandIn } from '../../demo/departments/police/stand-in.ts';
import { testKit } from './stand-in-context.ts';

const folder = mkdtempSync(join(tmpdir(), 'maplebridge-police-'));
const countyDir = join(folder, 'county');
let rows: PoliceRow[];
let running: RunningDepartment;
let opened: Department[] = [];

beforeAll(async () => {
  await writeCounty({ dir: countyDir, people: 3_000, seed: 3 });
  rows = await loadRows(countyDir, 'police');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  running = await openDepartment(policeStandIn, { dir: join(folder, 'departments'), countyDir, latencyMs: 0 });
});
afterEach(async () => {
  for (const department of opened) await department.close();
  opened = [];
  await running.stop();
});

function police(settings: Readonly<Record<string, unknown>> = {}, kit: Partial<Kit> = {}) {
  const { port, connection } = running.state();
  const department = createPolice({
    settings: policeSettings.parse({ origin: `http://127.0.0.1:${port}`, ...connection, ...settings }),
    kit: testKit(kit),
  });
  opened.push(department);
  return department;
}

async function feedOf(department: Department<PoliceIncidentRecord>, from: string | null = null) {
  const changes: Change<PoliceIncidentRecord>[] = [];
  let cursor = from;
  for (;;) {
    const page = await department.changes(cursor);
    expect(page.quarantined).toEqual([]);
    changes.push(...page.changes);
    cursor = page.cursor;
    if (!page.more) return { changes, cursor, total: page.total };
  }
}

/** What the centre should make of a row. */
const expected = ({ changedAt: _, ...row }: PoliceRow): PoliceIncidentRecord => ({
  ...row,
  source: 'POLICE',
  accused: [],
  ...(row.classified ? { scene: null, disposition: null } : {}),
});
const openRows = (): PoliceRow[] => rows.filter((row) => !row.classified);
const interactive = { priority: 'interactive' } as const;

test('Every incident of the county survives the wire, in the change feed and by key', async () => {
  const department = police({ pageSize: 100 });
  const feed = await feedOf(department);
  expect(feed.total).toBe(rows.length);
  expect(feed.changes).toEqual(rows.map((row) => ({ type: 'upsert', record: expected(row) })));
  const { records } = await department.read(
    openRows().map((row) => row.key),
    { priority: 'bulk' },
  );
  expect([...records.values()]).toEqual(openRows().map(expected));
});

test('A classified incident is about people in the feed, and a stub by its key', async () => {
  const row = rows.find((candidate) => candidate.classified && candidate.participants.length > 1);
  if (row === undefined) throw new Error('the county has no classified incident');
  const { records } = await police().read([row.key], interactive);
  expect(records.get(row.key)).toEqual({
    ...expected(row),
    participants: [],
    references: [],
    place: null,
    category: null,
  });
});

test('Seals and references travel, a deletion is a tombstone, and a cursor outlives a restart', async () => {
  const before = await feedOf(police());
  const [changed, gone] = openRows();
  await running.change({
    key: changed?.key,
    set: { sealed: true, references: [{ source: 'PETITIONS', number: 'XF99012026000001' }] },
  });
  await running.change({ key: gone?.key, delete: true });
  const after = await feedOf(police(), before.cursor);
  expect(after.changes).toEqual([
    {
      type: 'upsert',
      record: expect.objectContaining({
        key: changed?.key,
        sealed: true,
        references: [{ source: 'PETITIONS', number: 'XF99012026000001' }],
      }),
    },
    { type: 'delete', key: gone?.key },
  ]);
  expect((await police().read([gone?.key ?? ''], interactive)).records.size).toBe(0);
  await running.stop();
  running = await openDepartment(policeStandIn, { dir: join(folder, 'departments'), countyDir, latencyMs: 0 });
  expect((await feedOf(police(), before.cursor)).changes).toEqual([]);
});

test('A clock that is wrong by twenty minutes costs one call more, once', async () => {
  for (const minutes of [20, -20]) {
    await running.reset();
    const wrong = { wall: () => new Date(Date.now() + minutes * 60_000), business: () => new Date() };
    const department = police({}, { clock: wrong });
    const keys = openRows().map((row) => row.key);
    for (const key of keys.slice(0, 3)) expect((await department.read([key], interactive)).records.size).toBe(1);
    expect(await running.counters()).toMatchObject({ byKey: 4 });
    expect(department.health()).toMatchObject({ failures: 0, circuit: 'CLOSED' });
  }
});

test('A wrong secret is refused, and its circuit opens', async () => {
  const department = police({ secret: 'another' });
  for (let read = 0; read < 5; read += 1) {
    expect((await department.read([`${read}`], interactive)).freshness.status).toBe('UNAVAILABLE');
  }
  expect(department.health().circuit).toBe('OPEN');
});

test('A page of fifty persons with 120 incidents is one call; a smaller limit cuts it', async () => {
  const keys = openRows()
    .slice(0, 120)
    .map((row) => row.key);
  expect((await police().read(keys, interactive)).records.size).toBe(120);
  expect((await running.counters()).byKey).toBe(1);
  await running.reset();
  expect((await police({ maxKeysPerCall: 50 }).read(keys, interactive)).records.size).toBe(120);
  expect((await running.counters()).byKey).toBe(3);
});

test('When the quota is spent, people get the last good answer as STALE, and the police are not asked until they said', async () => {
  const department = police();
  const [first, second] = openRows().map((row) => row.key);
  const good = await department.read([first ?? ''], interactive);
  await running.change({ quota: { byKey: 0 } });
  const stale = await department.read([first ?? ''], interactive);
  expect(stale.freshness).toEqual({ status: 'STALE', asOf: good.freshness.asOf });
  expect(stale.records).toEqual(good.records);
  expect((await department.read([second ?? ''], interactive)).freshness.status).toBe('UNAVAILABLE');
  for (let read = 0; read < 20; read += 1) await department.read([first ?? ''], interactive);
  expect((await running.counters()).byKey).toBe(2);
  expect(department.health().circuit).toBe('CLOSED');
});

test('The stand-in lets 600 calls by key and 60 of the change feed through in a minute', async () => {
  const keys = openRows().map((row) => row.key);
  const department = police();
  for (let batch = 0; batch < 6; batch += 1) {
    const readings = await Promise.all(keys.slice(0, 100).map((key) => department.read([key], interactive)));
    expect(new Set(readings.map(({ freshness }) => freshness.status))).toEqual(new Set(['LIVE']));
  }
  expect((await department.read([keys[0] ?? ''], interactive)).freshness.status).toBe('STALE');
  const feed = police({ pageSize: 10, policy: { changesBudgetMs: 300 } });
  for (let call = 0; call < 60; call += 1) await feed.changes(null);
  await expect(feed.changes(null)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE', retryable: true });
});

test('Bulk reading leaves the rest of the quota to people who wait', async () => {
  const department = police({ callsPerMinute: 10, bulkShare: 0.6, policy: { bulkBudgetMs: 1_500 } });
  const keys = openRows().map((row) => row.key);
  const read = async (key: string) => (await department.read([key], { priority: 'bulk' })).freshness.status;
  for (const key of keys.slice(0, 6)) expect(await read(key)).toBe('LIVE');
  // They wait for a place as long as bulk reading may.
  expect(await Promise.all(keys.slice(6, 8).map(read))).toEqual(['UNAVAILABLE', 'UNAVAILABLE']);
  expect((await running.counters()).byKey).toBe(6);
  expect((await department.read([keys[20] ?? ''], interactive)).freshness.status).toBe('LIVE');
});

test('A spent quota of the change feed is waited for, and a change that cannot be read is set aside', async () => {
  const unreadable = [{ jqbs: '66f1c0de000000000000002a', czbs: 'X' }, '王小明', null];
  const replies = [
    { status: 429, headers: { 'retry-after': '0' }, content: { dm: '4290' } },
    { status: 200, headers: {}, content: { dm: '0000', sj: { zs: 9, sfhy: '0', yb: 'abc', jqlb: unreadable } } },
  ];
  const server = createServer((_, response) => {
    const { status, headers, content } = replies.shift() ?? { status: 500, headers: {}, content: {} };
    response.writeHead(status, headers).end(JSON.stringify(content));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const page = await police({ origin: `http://127.0.0.1:${port}` }).changes('anywhere');
    expect(page).toEqual({
      changes: [],
      quarantined: [
        { where: '警情标识 66f1c0de000000000000002a', field: 'czbs', reason: 'not readable' },
        { where: '游标 anywhere 之后第 2 条', field: '(reply)', reason: 'not readable' },
        { where: '游标 anywhere 之后第 3 条', field: '(reply)', reason: 'not readable' },
      ],
      cursor: 'abc',
      more: false,
      total: 9,
    });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
