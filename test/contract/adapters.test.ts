import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { departmentChecks } from '../../adapters/kit/checks.ts';
import type { ConformanceContext } from '../../adapters/kit/conformance.ts';
import { writeCounty } from '../../demo/county/write-county.ts';
import { openDepartment } from '../../demo/departments/kit/open.ts';
import type { RunningDepartment } from '../../demo/departments/kit/open.ts';
import { standIns } from '../../demo/departments/programs.ts';
import { createTestDatabase } from '../kit/database.ts';
import type { TestDatabase } from '../kit/database.ts';
import { departmentsUnderTest } from './departments.ts';
import { quickPolicy, standInContext } from './stand-in-context.ts';

const folder = mkdtempSync(join(tmpdir(), 'maplebridge-adapters-'));
const countyDir = join(folder, 'county');

let database: TestDatabase;

beforeAll(async () => {
  await writeCounty({ dir: countyDir, people: 1_000, seed: 7 });
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(departmentsUnderTest)('The adapter of $name', (department) => {
  let running: RunningDepartment;
  let context: ConformanceContext;

  beforeAll(async () => {
    const load = standIns[department.name];
    if (load === undefined) throw new Error(`no stand-in for ${department.name}`);
    running = await openDepartment(await load(), { dir: join(folder, 'departments'), countyDir, latencyMs: 3 });
    context = standInContext({
      ...department,
      running,
      create: (kit) => department.create(running.state(), quickPolicy, kit, database.db),
    });
  });
  afterAll(async () => {
    await running.stop();
  });

  test.each(departmentChecks)('$title', async (check) => {
    await check.run(context);
  });
});
