import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { buildTree } from '../../demo/county/organisations.ts';
import { OrganisationEntry } from '../organisations/organisation.ts';
import { parseYamlFile } from '../platform/county-config.ts';
import { AppError } from '../platform/errors.ts';
import { projectRoot } from '../platform/project-root.ts';
import { findUnknownCodes, loadResponsibilities, parseResponsibilities } from './responsibility.ts';

const refusal = (text: string): string => {
  try {
    parseResponsibilities(text, 'list.yaml');
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
  throw new Error('It was taken.');
};

it('every fault is reported with its line', () => {
  const message = refusal(`entries:
  - category: [NEIGHBOR]
    lead: { code: centre }
    legalBasis: 第一条
  - category: '*'
    lead: { kind: COURT }
  - category: '*'
    leed: { code: centre }
    lead: { code: centre }
    legalBasis: 第一条
`);
  expect(message).toMatch(/line 2: entries\.0\.category/);
  expect(message).toMatch(/line 6: entries\.1\.lead: is neither \{ code \} nor/);
  expect(message).toMatch(/line 5: entries\.1\.legalBasis: is missing/);
  expect(message).toMatch(/line 8: entries\.2\.leed: there is no such setting/);
});

it('a file that cannot be read is one clear error', () => {
  expect(() => loadResponsibilities('/nowhere/responsibility.yaml')).toThrow(
    'responsibilities: responsibility.yaml cannot be read; give the path of a file that can.',
  );
});

it('the example’s list names only organisations of the example', () => {
  const folder = join(projectRoot, 'config', 'example');
  const text = readFileSync(join(folder, 'organisations.yaml'), 'utf8');
  const rows = parseYamlFile(text, 'organisations.yaml', z.array(OrganisationEntry));
  const file = join(folder, 'responsibility.yaml');
  expect(loadResponsibilities(file).entries.length).toBeGreaterThan(5);
  expect(findUnknownCodes(file, new Set(rows.map(({ code }) => code)))).toEqual([]);
});

it('the made-up county’s list names only its organisations, and says which it lacks, and where', () => {
  const list = join(projectRoot, 'demo', 'county', 'responsibility.yaml');
  const codes = new Set(buildTree(700).rows.map(({ code }) => code));
  expect(findUnknownCodes(list, codes)).toEqual([]);
  for (const code of ['housing', 'station-t02', 'womens-federation']) codes.delete(code);
  const lines = readFileSync(list, 'utf8').split('\n');
  const found = findUnknownCodes(list, codes);
  expect(new Set(found.map(({ code }) => code))).toEqual(new Set(['housing', 'station-t02', 'womens-federation']));
  for (const { code, line } of found) expect(lines[line - 1]).toContain(code);
});
