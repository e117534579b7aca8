import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { projectRoot } from '../platform/project-root.ts';
import { PlaybookFile, playbookJsonSchema } from './playbook-file.ts';

const folder = join(projectRoot, 'schema', 'playbooks');

it('the committed JSON Schema is what the code says', async () => {
  const file = join(folder, 'playbook.schema.json');
  const fresh = await format(playbookJsonSchema(), { ...(await resolveConfig(file)), filepath: file });
  if (process.env['UPDATE']) writeFileSync(file, fresh);
  expect(
    existsSync(file) ? readFileSync(file, 'utf8') : '',
    'schema/playbooks/playbook.schema.json is stale: UPDATE=1 npx vitest run --project units core/playbooks/playbook-file.test.ts',
  ).toBe(fresh);
});

it.each(readdirSync(folder).filter((file) => file.endsWith('.yaml')))(
  'an editor finds nothing to mark in %s',
  (file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    expect(text).toMatch(/^# yaml-language-server: \$schema=playbook\.schema\.json\n/);
    expect(PlaybookFile.safeParse(parse(text)).error).toBeUndefined();
  },
);
