import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/kit/database.ts';
import { migrate, migrationFolder } from '../platform/migrate.ts';

let database: TestDatabase;
const before = mkdtempSync(join(tmpdir(), 'migrations-'));
beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  for (const file of readdirSync(migrationFolder).filter((name) => name < '0009' && name.endsWith('.sql')))
    copyFileSync(join(migrationFolder, file), join(before, file));
});
afterAll(async () => {
  rmSync(before, { recursive: true });
  await database.drop();
});

test('Disclosures of before the partitions are kept, each in its month, and new ones go on counting', async () => {
  const { db } = database;
  await migrate(db, before);
  await db.query(`
    insert into organisation (id, code, name, level, kind, path) values ('o', 'o', 'O', 'COUNTY', 'CENTRE', 'o/');
    insert into person (id, created_at) values ('per_1', now());
    insert into disclosure (at, request_id, subject, organisation_id, purpose, reason, person_id, field_groups, link) values
      ('2026-02-28T23:59:59Z', 'req_1', 'li', 'o', 'mediation', '电话联系', 'per_1', '{identity}', 'DISPUTE'),
      ('2026-03-01T00:00:00Z', 'req_2', 'li', 'o', 'mediation', null, 'per_1', '{courts,identity}', 'OWN_RECORD')`);
  await migrate(db);
  await db.query(`insert into disclosure (at, request_id, subject, organisation_id, record_id, field_groups)
    values ('2026-03-02T00:00:00Z', 'req_3', 'li', 'o', 'rec_1', '{identity}')`);
  expect(
    await db.query(
      'select tableoid::regclass::text as month, id, request_id, reason, field_groups from disclosure order by id',
    ),
  ).toEqual([
    { month: 'disclosure_2026_02', id: 1, request_id: 'req_1', reason: '电话联系', field_groups: ['identity'] },
    { month: 'disclosure_2026_03', id: 2, request_id: 'req_2', reason: null, field_groups: ['courts', 'identity'] },
    { month: 'disclosure_2026_03', id: 3, request_id: 'req_3', reason: null, field_groups: ['identity'] },
  ]);
});
