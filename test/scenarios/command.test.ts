/** Commands that look at a running installation. */
import { expect, inject, test } from 'vitest';
import { maplebridge } from '../kit/installation.ts';

const settings = (): Record<string, string> => {
  const { dataFolder, url } = inject('installation');
  return { MAPLEBRIDGE_DATA: dataFolder, PORT: new URL(url).port };
};

test('Doctor finds nothing to mend in a running demo, and names what it looked at', async () => {
  const { code, stdout } = await maplebridge(['doctor'], settings());
  expect(stdout).toMatch(/ 0 to mend\n$/);
  expect(code).toBe(0);
  for (const what of ['gateway', 'database', 'schema', 'Redis', 'issuer', 'keys', 'disk', 'COURTS', 'civil-affairs']) {
    expect(stdout).toContain(what);
  }
});

test('Doctor goes on when nothing answers, says what to do, and shows no password', async () => {
  const { code, stdout } = await maplebridge(['doctor'], {
    ...settings(),
    PORT: '9',
    MAPLEBRIDGE_DEMO: 'force',
    DATABASE_URL: 'postgresql://u:very-secret@127.0.0.1:9/x',
    REDIS_URL: 'redis://:very-secret@127.0.0.1:9',
    OIDC_ISSUER: 'http://127.0.0.1:9',
  });
  expect(code).toBe(1);
  expect(stdout).not.toContain('very-secret');
  const failed = stdout.split('\n').filter((line) => line.startsWith('FAIL'));
  expect(failed.map((line) => /^FAIL +(?:The )?(\w+)/.exec(line)?.[1])).toEqual(['database', 'Redis', 'issuer']);
  for (const line of failed) expect(line).toContain(' — ');
});

test('An adapter is checked against the system its settings name, without touching what is stored', async () => {
  const { code, stdout } = await maplebridge(['adapter', 'check', 'petitions'], settings());
  expect(stdout).toMatch(/\n13 ok, 0 failed, 11 skipped\n$/);
  expect(code).toBe(0);
  expect((await maplebridge(['adapter', 'check', 'nowhere'], settings())).code).toBe(2);
});
