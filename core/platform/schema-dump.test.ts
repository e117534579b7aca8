import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/kit/database.ts';
import { projectRoot } from './project-root.ts';
import { schemaDump } from './schema-dump.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('the committed dump is what the migrations add up to', async () => {
  const file = join(projectRoot, 'schema', 'sql', 'schema.dump.sql');
  const fresh = await schemaDump(database.db);
  if (process.env['UPDATE']) writeFileSync(file, fresh);
  expect(
    existsSync(file) ? readFileSync(file, 'utf8') : '',
    'schema/sql/schema.dump.sql is stale: UPDATE=1 npx vitest run core/platform/schema-dump.test.ts',
  ).toBe(fresh);
});
