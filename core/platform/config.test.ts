import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from './config.ts';
import { AppError } from './errors.ts';

const refusal = (env: Record<string, string>): string => {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
  throw new Error('It started.');
};

const real = {
  MAPLEBRIDGE_DEMO: 'off',
  OIDC_ISSUER: 'https://id.county.example',
  MAPLEBRIDGE_KEYS: 'keys',
  MAPLEBRIDGE_CONFIG: 'c.yaml',
};

test('With nothing set it is the demo on this machine, on the embedded database', () => {
  expect(loadConfig({})).toMatchObject({
    host: '127.0.0.1',
    port: 4000,
    dataFolder: resolve('.maplebridge'),
    databaseUrl: null,
    redisUrl: null,
    demo: true,
    oidc: null,
    createKeys: true,
    subgraphs: 'local',
    operationsFile: null,
  });
});

test('A real county names its issuer, its keys and its departments', () => {
  expect(
    loadConfig({ ...real, DATABASE_URL: 'postgresql://db/maple', HOST: '0.0.0.0', NODE_ENV: 'production' }),
  ).toMatchObject({
    demo: false,
    createKeys: false,
    oidc: { issuer: 'https://id.county.example', audience: 'maplebridge' },
    production: true,
  });
});

test('All faults are reported at once, each with its setting, and no value is repeated', () => {
  const message = refusal({
    PORT: 'http',
    DATABASE_URL: 'mysql://u:geheim@db/x',
    LOG_LEVEL: 'loud',
    MAPLEBRIDGE_DEMO: 'maybe',
  });
  for (const setting of ['PORT', 'DATABASE_URL', 'LOG_LEVEL', 'MAPLEBRIDGE_DEMO'])
    expect(message).toContain(`${setting}: `);
  expect(message).not.toMatch(/geheim|loud|maybe|http:/);
});

test.each([
  ['a database', { DATABASE_URL: 'postgresql://db/maple' }, /DATABASE_URL: .*MAPLEBRIDGE_DEMO=off.*OIDC_ISSUER/],
  ['an issuer', { OIDC_ISSUER: 'https://id.county.example' }, /OIDC_ISSUER: .*MAPLEBRIDGE_DEMO=off/],
  ['production', { NODE_ENV: 'production' }, /NODE_ENV: .*MAPLEBRIDGE_DEMO=off/],
  ['another host', { HOST: '0.0.0.0' }, /HOST: .*127\.0\.0\.1/],
])('The demo refuses to run with %s, said or not, unless forced', (_what, env, message) => {
  expect(refusal(env)).toMatch(message);
  expect(refusal({ ...env, MAPLEBRIDGE_DEMO: 'on' })).toMatch(message);
  expect(loadConfig({ ...env, MAPLEBRIDGE_DEMO: 'force' }).demo).toBe(true);
});

test('Without the demo a missing issuer, missing keys and missing departments refuse to start', () => {
  const message = refusal({ MAPLEBRIDGE_DEMO: 'off', DATABASE_URL: 'postgresql://db/maple' });
  expect(message).toMatch(/OIDC_ISSUER: is not set/);
  expect(message).toMatch(/MAPLEBRIDGE_KEYS: is not set/);
  expect(message).toMatch(/MAPLEBRIDGE_CONFIG: is not set/);
});

test('An issuer without encryption is taken on this machine only', () => {
  expect(refusal({ ...real, OIDC_ISSUER: 'http://id.county.example' })).toMatch(/OIDC_ISSUER: is not encrypted/);
  expect(loadConfig({ ...real, OIDC_ISSUER: 'http://127.0.0.1:4001' }).oidc?.issuer).toBe('http://127.0.0.1:4001');
});

test('Subgraphs run here or each at its address', () => {
  const { subgraphs } = loadConfig({ MAPLEBRIDGE_SUBGRAPHS: 'courts=http://a:4101, civil-affairs=http://b:4104/' });
  expect(subgraphs).toEqual(
    new Map([
      ['courts', 'http://a:4101'],
      ['civil-affairs', 'http://b:4104'],
    ]),
  );
  expect(refusal({ MAPLEBRIDGE_SUBGRAPHS: 'courts=http://a:4101,police' })).toMatch(/MAPLEBRIDGE_SUBGRAPHS: /);
});

test('No proxy is trusted unless it is listed, and never everybody', () => {
  expect(loadConfig({}).trustProxy).toEqual([]);
  expect(loadConfig({ MAPLEBRIDGE_TRUST_PROXY: '172.30.4.0/24' }).trustProxy).toEqual(['172.30.4.0/24']);
  for (const list of ['true', '172.30.4.1', '0.0.0.0/0', '::/0'])
    expect(refusal({ MAPLEBRIDGE_TRUST_PROXY: list })).toMatch(/MAPLEBRIDGE_TRUST_PROXY: /);
});

test('Blocks that webhooks may go to are CIDR', () => {
  expect(loadConfig({ MAPLEBRIDGE_WEBHOOK_ALLOW: '10.1.0.0/16, fd00::/8' }).webhookAllow).toEqual([
    '10.1.0.0/16',
    'fd00::/8',
  ]);
  expect(refusal({ MAPLEBRIDGE_WEBHOOK_ALLOW: '10.1.0.0/40' })).toMatch(/MAPLEBRIDGE_WEBHOOK_ALLOW: /);
});
