import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { civilAffairsSettings, createCivilAffairs } from '../../adapters/civil-affairs/client.ts';
import type { DepartmentAlert, Kit } from '../../adapters/kit/kit.ts';
import type { Change, Department, Quarantined } from '../../core/department.ts';
import type { CivilAffairsRecord } from '../../core/department-record.ts';
import { createKeyring } from '../../core/platform/keyring.ts';
import { loadRows } from '../../demo/county/county-files.ts';
import type { CivilAffairsRow } from '../../demo/county/model.ts';
import { writeCounty } from '../../demo/county/write-county.ts';
import { civilAffairsStandIn } from '../../demo/departments/civil-affairs/stand-in.ts';
import { openDepartment } from '../../demo/departments/kit/open.ts';
import type { RunningDepartment } from '../../demo/departments/kit/open.ts';
import { createTestDatabase } from '../kit/database.ts';
import type { TestDatabase } from '../kit/database.ts';
import { testKit } from './stand-in-context.ts';

const folder = mkdtempSync(join(tmpdir(), 'maplebridge-civil-affairs-'));
const countyDir = join(folder, 'county');
const keyring = createKeyring(Buffer.alloc(32, 3));
let database: TestDatabase;
let rows: CivilAffairsRow[];
let running: RunningDepartment;
let dir: string;
let opened: Department[] = [];

beforeAll(async () => {
  await writeCounty({ dir: countyDir, people: 600, seed: 5 });
  rows = await loadRows(countyDir, 'civil-affairs');
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  dir = mkdtempSync(join(folder, 'departments-'));
  running = await openDepartment(civilAffairsStandIn, { dir, countyDir, latencyMs: 0 });
});
afterEach(async () => {
  for (const department of opened) await department.close();
  opened = [];
  await running.stop();
  await database.db.query('truncate drop_row, drop_delivery, drop_fault');
});

interface Options {
  readonly drop?: Readonly<Record<string, unknown>>;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly kit?: Partial<Kit>;
}

function civilAffairs({ drop = {}, settings = {}, kit = {} }: Options = {}) {
  const { port, connection } = running.state();
  const sftp = { type: 'sftp', url: `sftp://127.0.0.1:${port}`, ...connection, ...drop };
  const department = createCivilAffairs({
    settings: civilAffairsSettings.parse({ drop: 'path' in drop ? drop : sftp, ...settings }),
    kit: testKit({ keyring, ...kit }),
    db: database.db,
  });
  opened.push(department);
  return department;
}

async function feedOf(department: Department<CivilAffairsRecord>, from: string | null = null) {
  const changes: Change<CivilAffairsRecord>[] = [];
  const quarantined: Quarantined[] = [];
  let cursor = from;
  for (;;) {
    const page = await department.changes(cursor);
    changes.push(...page.changes);
    quarantined.push(...page.quarantined);
    cursor = page.cursor;
    if (!page.more) return { changes, quarantined, cursor, total: page.total };
  }
}

/** What the centre should make of a row. */
const expected = ({ changedAt: _, ...row }: CivilAffairsRow): CivilAffairsRecord => ({
  ...row,
  source: 'CIVIL_AFFAIRS',
  accused: [],
});
const byKey = (records: Iterable<CivilAffairsRecord>): CivilAffairsRecord[] =>
  [...records].sort((a, b) => (a.key < b.key ? -1 : 1));
const upserts = (changes: readonly Change<CivilAffairsRecord>[]): CivilAffairsRecord[] =>
  changes.flatMap((change) => (change.type === 'upsert' ? [change.record] : []));
const rowAt = (index: number): CivilAffairsRow => {
  const row = rows[index];
  if (row === undefined) throw new Error('the county is too small');
  return row;
};
const ofKind = (wanted: (row: CivilAffairsRow) => boolean): CivilAffairsRow => {
  const row = rows.find(wanted);
  if (row === undefined) throw new Error('the county has no such row');
  return row;
};
const deliver = async (request: object) => (await running.change(request)) as { day: string; sendNumber: number };
const interactive = { priority: 'interactive' } as const;
const statusOf = async (department: Department<CivilAffairsRecord>, key: string) => {
  const { records, freshness } = await department.read([key], interactive);
  return { freshness, record: records.get(key) ?? null };
};

test.each(['sftp', 'directory'])(
  'Every row of the county survives the files, in the change feed and by key (%s)',
  async (type) => {
    const drop = type === 'sftp' ? {} : { type, path: join(dir, 'civil-affairs', 'drop') };
    const department = civilAffairs({ drop });
    const feed = await feedOf(department);
    expect(feed.quarantined).toEqual([]);
    expect(feed.total).toBe(rows.length);
    expect(byKey(upserts(feed.changes))).toEqual(byKey(rows.map(expected)));
    const reading = await department.read(
      rows.map((row) => row.key),
      { priority: 'bulk' },
    );
    expect(byKey(reading.records.values())).toEqual(byKey(rows.map(expected)));
    expect(reading.freshness.status).toBe('LIVE');
  },
);

test('What a row holds besides the usual survives too', async () => {
  const set = {
    sealed: true,
    classified: true,
    protected: true,
    category: 'DOMESTIC_VIOLENCE',
    references: [
      { source: 'COURTS', number: '（2026）枫0102民初7号' },
      { source: 'POLICE', number: 'J990101202603010001' },
    ],
    detail: '申请书载明"自愿", 无异议',
  };
  const department = civilAffairs();
  const { cursor } = await feedOf(department);
  const [marriage, relief] = [ofKind((row) => row.kind === 'MARRIAGE'), ofKind((row) => row.kind === 'MINIMUM_LIVING')];
  await deliver({ deliver: 'delta', changes: [marriage, relief].map(({ key }) => ({ key, set })) });
  expect(byKey(upserts((await feedOf(department, cursor)).changes))).toEqual(
    byKey([marriage, relief].map((row) => expected({ ...row, ...set } as CivilAffairsRow))),
  );
});

test('A page of fifty persons is one question to the folder, and one statement', async () => {
  const department = civilAffairs();
  await feedOf(department);
  await department.read([rowAt(0).key], interactive);
  await running.reset();
  const before = database.db.statements;
  const reading = await department.read(
    rows.slice(0, 120).map((row) => row.key),
    interactive,
  );
  expect(reading.records.size).toBe(120);
  expect((await running.counters()).byKey).toBe(1);
  expect(database.db.statements - before).toBe(1);
});

test('A delta changes, adds and strikes out; a delivery not yet imported makes the answer STALE', async () => {
  const department = civilAffairs();
  const first = await feedOf(department);
  const [changed, gone] = [rowAt(0), rowAt(1)];
  const added = { ...rowAt(2), key: 'LS2600099999' };
  await deliver({
    deliver: 'delta',
    changes: [
      { key: changed.key, set: { status: '停发' } },
      { key: gone.key, delete: true },
      { key: added.key, set: added },
    ],
  });
  const before = await statusOf(department, changed.key);
  expect(before.freshness.status).toBe('STALE');
  expect(before.record).toEqual(expected(changed));

  const feed = await feedOf(department, first.cursor);
  expect(feed.changes).toHaveLength(3);
  expect(feed.changes).toContainEqual({ type: 'delete', key: gone.key });
  expect(byKey(upserts(feed.changes))).toEqual(byKey([expected({ ...changed, status: '停发' }), expected(added)]));
  const after = await statusOf(department, gone.key);
  expect(after.record).toBeNull();
  expect(after.freshness.status).toBe('LIVE');
  // To the second: between midnight and a quarter past two in Shanghai both nights' files are made at this very moment.
  expect(String(after.freshness.asOf) >= String(before.freshness.asOf)).toBe(true);
  expect(feed.total).toBe(rows.length);
});

test('A full day strikes out what it leaves out, and repeats nothing that is the same', async () => {
  const department = civilAffairs();
  const first = await feedOf(department);
  const { day } = await deliver({ deliver: 'delta', changes: [{ key: rowAt(0).key, set: { detail: '补录' } }] });
  await feedOf(department, first.cursor);
  const second = await feedOf(department, first.cursor);
  await deliver({ deliver: 'full', changes: [{ key: rowAt(5).key, delete: true }] });
  const feed = await feedOf(department, second.cursor);
  expect(feed.changes).toEqual([{ type: 'delete', key: rowAt(5).key }]);
  expect(feed.total).toBe(rows.length - 1);

  // A day before the full one, sent again now, is about what is long over.
  await deliver({ deliver: 'delta', day, changes: [{ key: rowAt(0).key, set: { detail: '迟到' } }] });
  expect((await feedOf(department, feed.cursor)).changes).toEqual([]);
});

test('A day sent again replaces its first send: what it leaves out is as it was before', async () => {
  const department = civilAffairs();
  const first = await feedOf(department);
  const [kept, mistaken, invented, restored] = [rowAt(0), rowAt(1), { ...rowAt(2), key: 'LS2600099998' }, rowAt(3)];
  const { day } = await deliver({
    deliver: 'delta',
    changes: [
      { key: kept.key, set: { status: '错' } },
      { key: mistaken.key, set: { status: '错' } },
      { key: invented.key, set: invented },
      { key: restored.key, delete: true },
    ],
  });
  const wrong = await feedOf(department, first.cursor);
  expect(wrong.changes).toHaveLength(4);
  expect(await deliver({ deliver: 'delta', day, changes: [{ key: kept.key, set: { status: '对' } }] })).toEqual({
    day,
    sendNumber: 2,
  });
  const right = await feedOf(department, wrong.cursor);
  expect(right.changes).toHaveLength(4);
  expect(right.changes).toContainEqual({ type: 'delete', key: invented.key });
  expect(byKey(upserts(right.changes))).toEqual(
    byKey([expected({ ...kept, status: '对' }), expected(mistaken), expected(restored)]),
  );
});

test('A day that arrives after a later one takes its place: newer rows stay', async () => {
  const department = civilAffairs();
  const first = await feedOf(department);
  const [both, earlierOnly, struckLater] = [rowAt(0), rowAt(1), rowAt(2)];
  const { day: skipped } = await deliver({ deliver: 'delta', half: 'no-manifest' });
  await deliver({
    deliver: 'delta',
    changes: [
      { key: both.key, set: { status: '后' } },
      { key: struckLater.key, delete: true },
    ],
  });
  const later = await feedOf(department, first.cursor);
  expect(later.changes).toHaveLength(2);
  await deliver({
    deliver: 'delta',
    day: skipped,
    changes: [both, earlierOnly].map(({ key }) => ({ key, set: { status: '先' } })),
  });
  const out = await feedOf(department, later.cursor);
  expect(out.changes).toEqual([{ type: 'upsert', record: expected({ ...earlierOnly, status: '先' }) }]);
  expect((await statusOf(department, both.key)).record?.status).toBe('后');
  expect((await statusOf(department, struckLater.key)).record).toBeNull();
});

test.each([
  ['no-manifest', '(manifest)'],
  ['half-file', '(size)'],
  ['half-manifest', ''],
])(
  'A delivery half written (%s) is not read, reported when it stays so, and read when it is whole',
  async (half, field) => {
    const alerts: DepartmentAlert[] = [];
    const patient = civilAffairs();
    const first = await feedOf(patient);
    const { day } = await deliver({
      deliver: 'delta',
      changes: [{ key: rowAt(0).key, set: { status: '停发' } }],
      half,
    });
    expect(await feedOf(patient, first.cursor)).toMatchObject({ changes: [], quarantined: [] });
    expect((await statusOf(patient, rowAt(0).key)).freshness.status).toBe('LIVE');

    const impatient = civilAffairs({
      settings: { alertAfterMs: 0 },
      kit: { onAlert: (alert) => void alerts.push(alert) },
    });
    const told = await feedOf(impatient, first.cursor);
    expect(told.quarantined).toEqual([
      {
        where: expect.stringContaining(day.replaceAll('-', '')),
        field: field || expect.any(String),
        reason: expect.any(String),
      },
    ]);
    expect(alerts).toHaveLength(1);
    expect((await feedOf(impatient, told.cursor)).quarantined).toEqual([]);

    await running.change({ finish: day });
    expect(upserts((await feedOf(patient, told.cursor)).changes)).toEqual([expected({ ...rowAt(0), status: '停发' })]);
  },
);

test('A file changed after its manifest was written is not read, and holds up no other day', async () => {
  const department = civilAffairs({ settings: { alertAfterMs: 0 } });
  const first = await feedOf(department);
  const { day } = await deliver({ deliver: 'delta', changes: [{ key: rowAt(0).key, set: { status: '甲' } }] });
  const path = join(dir, 'civil-affairs', 'drop', day.replaceAll('-', ''));
  for (const name of readdirSync(path)) if (!name.endsWith('manifest')) appendFileSync(join(path, name), ' ');
  await deliver({ deliver: 'delta', changes: [{ key: rowAt(1).key, set: { status: '乙' } }] });
  const feed = await feedOf(department, first.cursor);
  expect(upserts(feed.changes)).toEqual([expected({ ...rowAt(1), status: '乙' })]);
  expect(feed.quarantined).toMatchObject([{ field: '(size)' }]);
});

test('Bad rows are set aside with file, line and field; the rest of their file is read, and nothing is lost for them', async () => {
  const department = civilAffairs();
  const first = await feedOf(department);
  const isCsv = ({ kind }: CivilAffairsRow): boolean => kind === 'MARRIAGE' || kind === 'DIVORCE';
  const [csv, fixed] = [rows.filter(isCsv), rows.filter((row) => row.kind === 'MINIMUM_LIVING')];
  const flaws = ['columns', 'bytes', 'code', 'key'];
  const changes = [csv, fixed].flatMap((some) =>
    some.slice(0, 5).map(({ key }, index) => ({ key, set: { status: '改' }, flaw: flaws[index] })),
  );
  const { day } = await deliver({ deliver: 'full', changes });
  const feed = await feedOf(department, first.cursor);
  expect(byKey(upserts(feed.changes))).toEqual(
    byKey([csv[4], fixed[4]].map((row) => expected({ ...(row as CivilAffairsRow), status: '改' }))),
  );
  // Nobody can tell whose the rows without a key are: then a full day strikes nobody out.
  expect(feed.changes.filter(({ type }) => type === 'delete')).toEqual([]);
  expect(feed.quarantined.map(({ where, field }) => `${where.split(/[ /]/)[1]} ${field}`).sort()).toEqual(
    [
      ...['(列数)', '当事人一姓名', '业务类型', '流水号'].map(
        (field) => `MZ_HY_${day.replaceAll('-', '')}.csv ${field}`,
      ),
      ...['(行长)', '姓名', '业务类型', '流水号'].map((field) => `MZ_JZ_${day.replaceAll('-', '')}.txt ${field}`),
      `MZ_${day.replaceAll('-', '')}.manifest (rows)`,
    ].sort(),
  );
  expect(
    feed.quarantined.filter(({ where }) => !where.endsWith('manifest')).every(({ where }) => /第 \d+ 行$/.test(where)),
  ).toBe(true);
  expect((await statusOf(department, csv[0]?.key ?? '')).record).toEqual(expected(csv[0] as CivilAffairsRow));
});

test('An import stopped anywhere goes on where it was, in another process too, and ends the same', async () => {
  const settings = { pieceBytes: 12_000, pageSize: 25 };
  let cursor: string | null = null;
  const seen: Change<CivilAffairsRecord>[] = [];
  for (let more = true; more;) {
    // Each page by an adapter of its own: nothing is remembered but what is stored.
    const department = civilAffairs({ settings });
    const page: Awaited<ReturnType<typeof department.changes>> = await department.changes(cursor);
    seen.push(...page.changes);
    cursor = page.cursor;
    more = page.more;
    await department.close();
  }
  expect(byKey(upserts(seen))).toEqual(byKey(rows.map(expected)));
  const stored = await database.db.one('select status, progress from drop_delivery');
  expect(stored).toEqual({ status: 'IMPORTED', progress: null });
});

test('Two processes importing at once store every piece once', async () => {
  const settings = { pieceBytes: 8_192 };
  const both = [civilAffairs({ settings }), civilAffairs({ settings })];
  const feeds = await Promise.all(both.map((department) => feedOf(department)));
  for (const feed of feeds) {
    const keys = upserts(feed.changes).map(({ key }) => key);
    expect(new Set(keys).size).toBe(rows.length);
    expect(keys.length).toBe(rows.length);
  }
});

test('A file replaced in the middle of its import is read from the beginning when it is whole', async () => {
  const settings = { pieceBytes: 4_096 };
  const department = civilAffairs({ settings });
  const page = await department.changes(null);
  const [{ day }] = (await database.db.query<{ day: string }>('select day from drop_delivery')) as [{ day: string }];
  const path = join(dir, 'civil-affairs', 'drop', day.replaceAll('-', ''));
  for (const name of readdirSync(path)) if (!name.endsWith('manifest')) appendFileSync(join(path, name), '\r\n');
  expect(await feedOf(department, page.cursor)).toMatchObject({ changes: [] });
  expect((await statusOf(department, rowAt(0).key)).freshness.status).toBe('UNAVAILABLE');
  await running.change({ finish: day });
  const rest = await feedOf(department, page.cursor);
  expect(byKey(upserts([...page.changes, ...rest.changes]))).toEqual(byKey(rows.map(expected)));
});

test('Before anything was imported it is UNAVAILABLE, afterwards STALE whatever happens to the folder', async () => {
  const never = civilAffairs();
  expect((await statusOf(never, rowAt(0).key)).freshness).toEqual({ status: 'UNAVAILABLE', asOf: null });
  await feedOf(never);
  const live = await statusOf(never, rowAt(0).key);
  expect(live.freshness.status).toBe('LIVE');
  await running.behave({ mode: 'stop' });
  const stale = await statusOf(never, rowAt(1).key);
  expect(stale).toEqual({ freshness: { status: 'STALE', asOf: live.freshness.asOf }, record: expected(rowAt(1)) });
  await running.behave({ mode: 'heal' });
  expect((await statusOf(never, rowAt(1).key)).freshness.status).toBe('LIVE');
});

test('Rows are kept encrypted, and what is struck out is not kept', async () => {
  const department = civilAffairs();
  await feedOf(department);
  await running.change({ key: rowAt(0).key, delete: true });
  await feedOf(department);
  const stored = await database.db.query<Record<string, unknown>>('select * from drop_row');
  const text = stored
    .map((row) =>
      Object.values(row)
        .map((value) => (Buffer.isBuffer(value) ? value.toString('utf8') : String(value)))
        .join(' '),
    )
    .join('\n');
  const [person] = rowAt(3).participants;
  for (const word of [rowAt(3).key, rowAt(3).number, person?.name ?? '?']) expect(text.includes(word)).toBe(false);
  expect(stored.filter((row) => row['cipher'] === null)).toHaveLength(1);
});

test.each([
  ['password', { password: 'another' }],
  ['host key', { hostKey: `SHA256:${'A'.repeat(43)}` }],
  ['folder', { path: '/elsewhere' }],
])('With a wrong %s nothing is read', async (_, drop) => {
  const department = civilAffairs({
    drop: { ...running.state().connection, type: 'sftp', url: `sftp://127.0.0.1:${running.state().port}`, ...drop },
  });
  await expect(department.changes(null)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE', retryable: true });
});

test('The session is kept open, and opened again when it was lost', async () => {
  const department = civilAffairs();
  await feedOf(department);
  for (let times = 0; times < 3; times += 1) {
    await running.behave({ mode: 'stop' });
    await running.behave({ mode: 'heal' });
    expect((await statusOf(department, rowAt(0).key)).freshness.status).toBe('LIVE');
  }
});

test('A stand-in that is started again knows what it has sent; over another county it begins with a full day', async () => {
  const department = civilAffairs();
  const first = await feedOf(department);
  await running.change({ key: rowAt(0).key, set: { status: '停发' } });
  await running.stop();
  running = await openDepartment(civilAffairsStandIn, { dir, countyDir, latencyMs: 0 });
  await running.change({ key: rowAt(1).key, set: { status: '停发' } });
  const both = await feedOf(department, first.cursor);
  expect(upserts(both.changes).map(({ key }) => key)).toEqual([rowAt(0).key, rowAt(1).key]);

  const other = join(folder, 'other-county');
  await writeCounty({ dir: other, people: 300, seed: 6 });
  await running.stop();
  running = await openDepartment(civilAffairsStandIn, { dir, countyDir: other, latencyMs: 0 });
  const { total } = await feedOf(department, both.cursor);
  const { count } = await database.db.one<{ count: number }>(
    'select count(*) as count from drop_row where cipher is not null',
  );
  expect(count).toBe(total);
});
