/** What is particular to the courts: their wire against the county's rows, and their change list. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { courtsSettings, createCourts } from '../../adapters/courts/client.ts';
import { readFeed } from '../../adapters/kit/conformance.ts';
import { passwordDigest } from '../../adapters/kit/soap.ts';
import { loadRows } from '../../demo/county/county-files.ts';
import type { CourtRow } from '../../demo/county/model.ts';
import { writeCounty } from '../../demo/county/write-county.ts';
import { courtsStandIn } from '../../demo/departments/courts/stand-in.ts';
import { openDepartment } from '../../demo/departments/kit/open.ts';
import type { RunningDepartment } from '../../demo/departments/kit/open.ts';
import { testKit } from './stand-in-context.ts';

const folder = mkdtempSync(join(tmpdir(), 'maplebridge-courts-'));
let running: RunningDepartment;
let rows: readonly CourtRow[];

beforeAll(async () => {
  const countyDir = join(folder, 'county');
  await writeCounty({ dir: countyDir, people: 1_000, seed: 11 });
  rows = await loadRows(countyDir, 'courts');
  running = await openDepartment(courtsStandIn, { dir: join(folder, 'departments'), countyDir, latencyMs: 0 });
});
afterAll(async () => {
  await running.stop();
  rmSync(folder, { recursive: true, force: true });
});

const address = (): string => `http://127.0.0.1:${running.state().port}`;
const courts = (settings: object = {}) =>
  createCourts({
    settings: courtsSettings.parse({ origin: address(), ...running.state().connection, ...settings }),
    kit: testKit(),
  });
/** The day it was in China, at its midnight: the court writes no times. */
const chinaMidnight = (instant: string): string => {
  const day = Math.floor((Date.parse(instant) + 8 * 3_600_000) / 86_400_000) * 86_400_000;
  return new Date(day - 8 * 3_600_000).toISOString();
};

test('Every row of the court comes through as it is, but for times, of which the court writes only the day', async () => {
  const department = courts();
  const { records } = await department.read(
    rows.map((row) => row.key),
    { priority: 'bulk' },
  );
  for (const row of rows) {
    const { changedAt: _, ...expected } = row;
    expect(records.get(row.key)).toEqual({
      ...expected,
      source: 'COURTS',
      kind: 'COURT_CASE',
      accused: [],
      at: chinaMidnight(row.at),
      concludedAt: row.concludedAt === null ? null : chinaMidnight(row.concludedAt),
    });
  }
  await department.close();
});

test('A case that changes while pages are being read is not missed, and one that is struck out is a delete', async () => {
  const department = courts({ pageSize: 10 });
  const first = await department.changes(null);
  const [changed, struck] = [rows.at(0)?.key ?? '', rows.at(-1)?.key ?? ''];
  await running.change({ key: changed, set: { outcome: '撤诉' } });
  await running.change({ key: struck, delete: true });
  const pass = await readFeed(department, 1_000, first.cursor);
  const next = await readFeed(department, 1_000, pass.cursor);
  const outcomes = [...pass.changes, ...next.changes].flatMap((change) =>
    change.type === 'upsert' && change.record.key === changed ? [change.record] : [],
  );
  expect(outcomes.at(-1)).toMatchObject({ outcome: '撤诉' });
  expect(next.changes).toContainEqual({ type: 'delete', key: struck });
  expect((await department.read([struck], { priority: 'interactive' })).records.size).toBe(0);
  const quiet = await department.changes(next.cursor);
  expect([quiet.changes, quiet.more]).toEqual([[], false]);
  await department.close();
});

test('A page read again after a crash, from any cursor, ends in the same records', async () => {
  const department = courts({ pageSize: 7 });
  const straight = await readFeed(department, 1_000);
  const seen = new Map<string, string>();
  let cursor: string | null = null;
  for (let crash = 0; crash < 10_000; crash += 1) {
    const page = await department.changes(cursor);
    for (const change of page.changes) if (change.type === 'upsert') seen.set(change.record.key, change.record.number);
    // Every third page "crashes" after its effects, before its cursor is stored.
    if (crash % 3 !== 2) cursor = page.cursor;
    if (!page.more && crash % 3 !== 2) break;
  }
  expect([...seen.keys()].sort()).toEqual([...straight.keys].sort());
  await department.close();
});

/** The service bus, which does as it is told with the call of this number. */
async function openBus(number: number, conduct: 'closes' | 'is silent') {
  let calls = 0;
  const bus = createServer((request, response) => {
    void (async () => {
      calls += 1;
      const headers = { 'content-type': 'text/xml', soapaction: request.headers['soapaction']?.toString() ?? '' };
      const body = await text(request);
      if (calls === number && conduct === 'is silent') return;
      if (calls === number) return void response.destroy();
      const reply = await fetch(`${address()}${request.url ?? ''}`, { method: 'POST', headers, body });
      response.writeHead(reply.status, { 'content-type': 'text/xml' }).end(await reply.text());
    })();
  }).listen(0, '127.0.0.1');
  await once(bus, 'listening');
  return {
    origin: `http://127.0.0.1:${(bus.address() as AddressInfo).port}`,
    calls: () => calls,
    close: () => void bus.close().closeAllConnections(),
  };
}

test.each(['closes', 'is silent'] as const)(
  'Pages are gathered until one %s: what came counts, and the next call goes on behind it',
  async (conduct) => {
    const direct = courts({ pageSize: 10 });
    const whole = await readFeed(direct, 1_000);
    const bus = await openBus(3, conduct);
    const policy = { changesBudgetMs: 3_000 };
    const department = courts({ origin: bus.origin, pageSize: 10, pagesAtOnce: 4, policy });
    const first = await department.changes(null);
    expect([first.changes.length, first.more, bus.calls()]).toEqual([20, true, 3]);
    expect((await department.changes(first.cursor)).changes).toHaveLength(40);
    const rest = await readFeed(department, 1_000, first.cursor);
    expect([...first.changes, ...rest.changes]).toEqual(whole.changes);
    await Promise.all([direct.close(), department.close()]);
    bus.close();
  },
);

test('The service describes itself by WSDL, and refuses who has no good token', async () => {
  const path = running.state().connection['path'] ?? '';
  const wsdl = await (await fetch(`${address()}${path}?wsdl`)).text();
  expect(wsdl).toContain(`<soap:address location="${address()}${path}"/>`);
  for (const wrong of [{ password: 'guessed' }, { username: 'somebody' }]) {
    const department = courts(wrong);
    await expect(department.ping()).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE', reason: 'refused' });
    await department.close();
  }
});

test('A token that was used once is refused', async () => {
  const { path = '', username = '', password = '' } = running.state().connection;
  const created = new Date().toISOString();
  const nonce = Buffer.from('the same nonce');
  const body =
    `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header><w:Security xmlns:w="w"><w:UsernameToken>` +
    `<w:Username>${username}</w:Username><w:Password>${passwordDigest(nonce, created, password)}</w:Password>` +
    `<w:Nonce>${nonce.toString('base64')}</w:Nonce><w:Created>${created}</w:Created></w:UsernameToken></w:Security></e:Header>` +
    `<e:Body><Echo/></e:Body></e:Envelope>`;
  const send = async (): Promise<number> => (await fetch(`${address()}${path}`, { method: 'POST', body })).status;
  expect([await send(), await send()]).toEqual([200, 500]);
});
