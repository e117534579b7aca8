import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { civilAffairsSettings, createCivilAffairs } from '../../adapters/civil-affairs/client.ts';
import { loadRows } from '../../demo/county/county-files.ts';
import { writeCounty } from '../../demo/county/write-county.ts';
import { civilAffairsStandIn } from '../../demo/departments/civil-affairs/stand-in.ts';
import { openDepartment } from '../../demo/departments/kit/open.ts';
import { createTestDatabase, type TestDatabase } from '../kit/database.ts';
import { testKit } from './stand-in-context.ts';
const folder = mkdtempSync(join(tmpdir(), 'maplebridge-civil-affairs-'));
let database: TestDatabase;
beforeAll(async () => { database = await createTestDatabase(); });
afterAll(async () => { await database.drop(); rmSync(folder, { recursive: true, force: true }); });
test('quick', async () => {
  const countyDir = join(folder, 'county');
  await writeCounty({ dir: countyDir, people: 1000, seed: 3 });
  const rows = await loadRows(countyDir, 'civil-affairs');
  const running = await openDepartment(civilAffairsStandIn, { dir: join(folder, 'd'), countyDir, latencyMs: 10 });
  const { port, connection } = running.state();
  const department = createCivilAffairs({ settings: civilAffairsSettings.parse({ drop: { type: 'sftp', url: `sftp://127.0.0.1:${port}`, ...connection } }), kit: testKit(), db: database.db });
  const changes: unknown[] = [];
  let cursor: string | null = null;
  for (;;) {
    const page = await department.changes(cursor);
    console.log(page.changes.length, page.quarantined, page.cursor, page.more, page.total);
    changes.push(...page.changes); cursor = page.cursor; if (!page.more) break;
  }
  const byKey = new Map(changes.map((c: any) => [c.record?.key ?? c.key, c.record]));
  for (const { changedAt: _, ...row } of rows) expect(byKey.get(row.key)).toEqual({ ...row, source: 'CIVIL_AFFAIRS', accused: [], participants: row.participants.map((p) => ({ ...p, citizenId: p.citizenId?.toUpperCase() ?? null })) });
  for (let i = 0; i < 5; i++) { const t = performance.now(); const r = await department.read(rows.slice(0, 50).map((r) => r.key), { priority: 'interactive' }); console.log(r.freshness, r.records.size, performance.now() - t, await running.counters()); if (i == 2) await new Promise((r) => setTimeout(r, 1200)); }
  await department.close(); await running.stop();
});
