import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../core/platform/config.ts';
import { toLine } from './finding.ts';
import { lookAtCounty, lookAtEnvironment, lookAtKeys, lookAtNode, toFindings } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'maplebridge-doctor-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const realCounty = (yaml: string) => {
  const file = join(folder, 'maplebridge.config.yaml');
  writeFileSync(file, `organisations: organisations.yaml\n${yaml}`);
  const env = { MAPLEBRIDGE_DEMO: 'off', OIDC_ISSUER: 'https://login.example', MAPLEBRIDGE_KEYS: folder };
  return loadConfig({ ...env, MAPLEBRIDGE_CONFIG: file });
};

const agreement = (source: string, expires: string, purpose = 'mediation'): string =>
  `  - { source: ${source}, purposes: [${purpose}], fieldGroups: [index], expires: ${expires} }\n`;

describe('Doctor', () => {
  test('Settings are named; addresses with passwords are not shown', () => {
    const env = { PORT: '4100', DATABASE_URL: 'postgresql://u:hidden@h/d', REDIS_URL: 'redis://:hidden@h', OTHER: 'x' };
    const lines = lookAtEnvironment(env).map(toLine).join('\n');
    expect(lines).toBe('ok    settings: PORT=4100, DATABASE_URL (set), REDIS_URL (set)');
  });

  test('A setting that does not exist is pointed out', () => {
    expect(lookAtEnvironment({ MAPLEBRIDGE_KEY: 'k' }).map(({ status }) => status)).toEqual(['ok', 'warn']);
  });

  test('Every fault of the settings is a line of its own, with its remedy', () => {
    let fault: unknown;
    try {
      loadConfig({ MAPLEBRIDGE_DEMO: 'off', PORT: 'many' });
    } catch (error) {
      fault = error;
    }
    const findings = toFindings(fault);
    expect(findings).toHaveLength(4);
    expect(findings.every(({ status, remedy }) => status === 'FAIL' && remedy !== null)).toBe(true);
  });

  test('Agreements: in force, ending soon, ended, none, for a purpose that does not exist', () => {
    const config = realCounty(
      'departments: { courts: {}, police: {}, petitions: {}, civil-affairs: {}, labour: {} }\nagreements:\n' +
        agreement('COURTS', '2027-12-31') +
        agreement('POLICE', '2026-03-20') +
        agreement('PETITIONS', '2026-02-28') +
        agreement('CIVIL_AFFAIRS', '2027-12-31', 'curiosity'),
    );
    // In Shanghai it is the first of March already.
    const { findings } = lookAtCounty(config, {}, new Date('2026-02-28T20:00:00Z'));
    expect(findings.map(({ status }) => status)).toEqual(['ok', 'ok', 'warn', 'FAIL', 'warn', 'warn']);
  });

  test('A county’s file that cannot be read is one line', () => {
    const [finding, ...others] = lookAtCounty(
      realCounty('departments: {}\nlimits: { dept: 3 }\n'),
      {},
      new Date(),
    ).findings;
    expect(others).toEqual([]);
    expect(finding?.status).toBe('FAIL');
    expect(toLine(finding ?? { status: 'ok', what: '', remedy: null })).not.toContain('\n');
  });

  test('Keys: missing, unfit, open to others, well', () => {
    const config = realCounty('departments: { courts: {} }\n');
    const file = join(folder, 'master.key');
    expect(lookAtKeys(config).status).toBe('FAIL');
    writeFileSync(file, 'short');
    expect(lookAtKeys(config).status).toBe('FAIL');
    writeFileSync(file, 'a'.repeat(64));
    chmodSync(file, 0o644);
    expect(lookAtKeys(config).status).toBe('warn');
    chmodSync(file, 0o600);
    expect(lookAtKeys(config).status).toBe('ok');
  });

  test('Node from 20.19 on', () => {
    const statusOf = (version: string): string => lookAtNode(version).status;
    expect(['20.18.3', '20.19.0', '22.1.0', '18.20.0'].map(statusOf)).toEqual(['FAIL', 'ok', 'ok', 'FAIL']);
  });
});
