import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createCosigner } from '../audit/log/note.ts';
import { defaultSelfJoining, loadCountyConfig, parseCountyConfig, parseYamlFile } from './county-config.ts';
import { AppError } from './errors.ts';
import { projectRoot } from './project-root.ts';

const parse = (text: string, env: Record<string, string> = {}) =>
  parseCountyConfig(text, { file: '/etc/county/c.yaml', env });
const refusal = (text: string, env: Record<string, string> = {}): string => {
  try {
    parse(text, env);
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
  throw new Error('It was taken.');
};

const good = `
organisations: organisations.yaml
departments:
  courts:
    url: https://courts.internal/ws
    password: \${COURTS_PASSWORD}
agreements:
  - source: COURTS
    purposes: [mediation]
    fieldGroups: [cases]
    expires: 2027-12-31
limits: { depth: 20 }
`;

test('A county names its organisations, its departments and its agreements; passwords come from the environment', () => {
  const county = parse(good, { COURTS_PASSWORD: 'geheim' });
  expect(county.organisationsFile).toBe('/etc/county/organisations.yaml');
  expect(county.departments.get('courts')).toEqual({ url: 'https://courts.internal/ws', password: 'geheim' });
  expect(county.agreements[0]).toMatchObject({ source: 'COURTS', expires: '2027-12-31' });
  expect(county.limits).toMatchObject({ depth: 20, aliases: 30 });
});

test('A missing environment variable is named with its line', () => {
  expect(refusal(good)).toMatch(/line 6: needs COURTS_PASSWORD in the environment/);
});

test('Every fault is reported with its line and nothing of its value', () => {
  const message = refusal(
    good.replace('2027-12-31', 'geheim').replace('depth: 20', 'depht: 20').replace('source: COURTS', 'source: courts'),
    { COURTS_PASSWORD: 'x' },
  );
  expect(message).toMatch(/line 8: agreements\.0\.source/);
  expect(message).toMatch(/line 11: agreements\.0\.expires: is not a day/);
  expect(message).toMatch(/line 12: limits\.depht: there is no such setting/);
  expect(message).not.toContain('geheim');
});

test('What is not YAML is said with its line', () => {
  expect(refusal('organisations: "x\ndepartments: {')).toMatch(/line \d+: is not YAML/);
});

test('A file that cannot be read is one clear error', () => {
  expect(() => loadCountyConfig('/nowhere/maplebridge.config.yaml', {})).toThrow(
    /MAPLEBRIDGE_CONFIG: maplebridge\.config\.yaml cannot be read/,
  );
});

test('The example that a county starts from parses, once its passwords are in the environment', () => {
  const folder = join(projectRoot, 'config/example');
  const file = join(folder, 'maplebridge.config.yaml');
  const names = [...readFileSync(file, 'utf8').matchAll(/\$\{([A-Z_]+)\}/g)].map((match) => match[1] ?? '');
  const county = loadCountyConfig(file, Object.fromEntries(names.map((name) => [name, 'x'])));
  expect([...county.departments.keys()]).toEqual(['courts', 'police', 'petitions', 'civil-affairs']);
  expect(county.agreements.map(({ source }) => source)).toEqual(['COURTS', 'POLICE', 'PETITIONS', 'CIVIL_AFFAIRS']);

  const entry = z.object({ code: z.string(), parent: z.string().nullable() });
  const organisations = parseYamlFile(
    readFileSync(county.organisationsFile, 'utf8'),
    'organisations.yaml',
    z.array(entry),
  );
  const seen = new Set<string | null>([null]);
  for (const { code, parent } of organisations) {
    expect(seen.has(parent)).toBe(true);
    seen.add(code);
  }
});

test('One department is one witness: its key does not count twice towards the signatures asked for', () => {
  const keys = [1, 2].map((seed) => createCosigner(`court-${seed}.example`, Buffer.alloc(32, seed)).vkey);
  const asking = (...of: readonly (string | undefined)[]): string => `
organisations: organisations.yaml
departments: { courts: {} }
audit:
  witnesses:
${of.map((key, at) => `    - { key: ${key}, url: 'https://10.0.0.1/${at}' }`).join('\n')}
  required: 2
`;
  expect(parse(asking(...keys)).audit.required).toBe(2);
  expect(refusal(asking(keys[0], keys[0]))).toMatch(/audit/);
});

test('Which records join a dispute by themselves is the county’s to say; police and court unless it says otherwise', () => {
  const env = { COURTS_PASSWORD: 'x' };
  expect(parse(good, env).disputeLinks.joinThemselves).toEqual(defaultSelfJoining);
  const own = `${good}disputeLinks:\n  joinThemselves: []\n`;
  expect(parse(own, env).disputeLinks.joinThemselves).toEqual([]);
  const wrong = `${good}disputeLinks:\n  joinThemselves:\n    - first: { source: police }\n      then: { source: COURTS }\n`;
  expect(refusal(wrong, env)).toMatch(/line 15: disputeLinks\.joinThemselves\.0\.first\.source: is not a source code/);
});
