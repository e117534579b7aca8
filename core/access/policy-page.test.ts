import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { projectRoot } from '../platform/project-root.ts';
import { policyPage } from './policy-page.ts';
import { RULES } from './thirteen-rules.ts';

const FILE = join(projectRoot, 'docs', 'access.md');

test('docs/access.md says what the policy decides', async () => {
  const fresh = await format(policyPage(), { ...(await resolveConfig(FILE)), filepath: FILE });
  if (process.env['UPDATE']) writeFileSync(FILE, fresh);
  expect(
    existsSync(FILE) ? readFileSync(FILE, 'utf8') : '',
    'docs/access.md is stale: UPDATE=1 npx vitest run --project units core/access/policy-page.test.ts',
  ).toBe(fresh);
});

test('All thirteen rules are there, and the files that decide them', () => {
  expect(RULES.map(({ number }) => number)).toEqual(Array.from({ length: 13 }, (_, index) => index + 1));
  for (const file of RULES.flatMap(({ where }) => where)) expect(existsSync(join(projectRoot, file)), file).toBe(true);
});
