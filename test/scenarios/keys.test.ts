/** The operator's commands on a running installation: a new master key, an erasure, a backup whose keys are apart. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { maplebridge, openInstallation, type Finished, type Installation } from '../kit/installation.ts';
import { SUPERVISOR } from './county.ts';

let installation: Installation;
let folder: string;
beforeAll(async () => {
  const { dataFolder, url } = inject('installation');
  installation = await openInstallation(dataFolder, url);
  folder = mkdtempSync(join(tmpdir(), 'maplebridge-keys-'));
});
afterAll(async () => {
  await installation.close();
  rmSync(folder, { recursive: true });
});

const run = async (...words: string[]): Promise<Finished> => {
  const finished = await maplebridge(words, { MAPLEBRIDGE_DATA: installation.dataFolder });
  return finished;
};
const said = <T>({ stdout }: Finished): T => JSON.parse(stdout) as T;

const nameOf = async (id: string): Promise<string | null> => {
  const { data, errors } = await installation.ask<{ person: { name: string } | null }>(
    { ...SUPERVISOR, purpose: 'supervision', reason: '核对擦除请求' },
    'query ($id: ID!) { person(id: $id) { name } }',
    { id },
  );
  expect(errors).toEqual([]);
  return data.person?.name ?? null;
};

// Known to civil affairs alone, and in no dispute: nothing keeps them.
const FREE = `select m.person_id as id from mention m join record r on r.id = m.record_id
where m.person_id is not null group by m.person_id
having bool_and(r.source = 'CIVIL_AFFAIRS' and m.gone_at is null and not r.protected and not r.sealed)
  and not bool_or(exists (select from dispute_record l where l.record_id = r.id)) order by 1 limit 1`;

test('A new master key takes over while everything runs, and people are found and read as before', async () => {
  const { id } = await installation.db.one<{ id: string }>(FREE);
  const name = await nameOf(id);
  expect(name).not.toBeNull();
  const rotated = await run('keys', 'rotate');
  expect(rotated).toMatchObject({ code: 0 });
  expect(rotated.stderr).toContain('may be destroyed');
  const { number } = said<{ number: number }>(rotated);
  const { wrapped } = said<{ wrapped: { number: number; count: number }[] }>(await run('keys', 'status'));
  expect(wrapped.map((one) => one.number)).toEqual([number]);
  expect(await nameOf(id)).toBe(name);
});

test('An erased person is gone for everybody at once; who is in an open dispute is not erased, and it is said why', async () => {
  const { id } = await installation.db.one<{ id: string }>(FREE);
  expect(await nameOf(id)).not.toBeNull();
  expect(said(await run('erase', id, '--reason', '本人申请', '--dry-run'))).toMatchObject({ erased: false, holds: [] });
  expect(await nameOf(id)).not.toBeNull();
  expect(said(await run('erase', id, '--reason', '本人申请'))).toMatchObject({ personId: id, erased: true });
  expect(await nameOf(id)).toBeNull();

  const busy = await installation.db.one<{ id: string }>(
    `select m.person_id as id from mention m join dispute_record l on l.record_id = m.record_id and l.unlinked_at is null
     join dispute d on d.id = l.dispute_id and d.stage = 'OPEN' where m.person_id is not null and m.gone_at is null limit 1`,
  );
  const refused = await run('erase', busy.id, '--reason', '本人申请');
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain('disputes that name them are open');
  expect((await run('erase', busy.id)).code).toBe(2);
});

test('A backup leaves its data keys in a file of their own, and both only to their owner', async () => {
  expect((await run('backup', join(folder, 'county.backup'))).code).toBe(0);
  expect((await run('keys', 'export', join(folder, 'late.keys'))).code).toBe(0);
  expect(readdirSync(folder).sort()).toEqual(['county.backup', 'county.backup.keys', 'late.keys']);
  for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  expect((await run('keys', 'export', join(folder, 'late.keys'))).stderr).toContain('exists already');
});

test('What has had its time is told without being touched', async () => {
  const { code, stdout, stderr } = await run('retention');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^retention\.idempotency +\d+/);
  expect(stderr).toContain('Nothing was changed');
});
