import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/kit/database.ts';
import { once, type IdempotentCall, type Outcome } from './idempotency.ts';
import { createKeyring } from './keyring.ts';

let database: TestDatabase;
let now = Date.parse('2026-11-21T08:00:00Z');
const deps = {
  keyring: createKeyring(Buffer.alloc(32, 9)),
  clock: { wall: () => new Date(now), business: () => new Date(now) },
};

beforeAll(async () => {
  database = await createTestDatabase();
  await database.db.query(
    `insert into organisation (id, code, name, level, kind, path) values ('org_1', 'centre', '', 'COUNTY', 'CENTRE', 'centre/')`,
  );
});
afterAll(() => database.drop());

let acts = 0;
const call = (given: Partial<IdempotentCall> = {}): Promise<Outcome<{ act: number }>> =>
  database.db.tx((tx) =>
    once(
      tx,
      deps,
      { organisationId: 'org_1', subject: 'li', key: 'k', operation: 'openDispute', input: { a: 1, b: [2] }, ...given },
      () => Promise.resolve({ act: ++acts }),
    ),
  );

it('acts once for one key, whatever order the fields come in', async () => {
  const first = await call();
  expect(first.replayed).toBe(false);
  expect(await call({ input: { b: [2], a: 1, c: undefined } })).toEqual({ result: first.result, replayed: true });
});

it('refuses the key for anything else', async () => {
  const refused = expect.objectContaining({ code: 'IDEMPOTENCY_KEY_REUSED' });
  await expect(call({ input: { a: 2, b: [2] } })).rejects.toEqual(refused);
  await expect(call({ operation: 'addParty' })).rejects.toEqual(refused);
});

it('takes another caller’s equal key for another act', async () => {
  expect((await call({ subject: 'wang' })).replayed).toBe(false);
});

it('does not use up a key by failing', async () => {
  const failing = database.db.tx((tx) =>
    once(tx, deps, { organisationId: 'org_1', subject: 'li', key: 'fails', operation: 'x', input: {} }, () =>
      Promise.reject(new Error('no')),
    ),
  );
  await expect(failing).rejects.toThrow('no');
  expect((await call({ key: 'fails' })).replayed).toBe(false);
});

it('acts once when asked ten times at the same moment', async () => {
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => call({ key: 'at-once' })));
  expect(outcomes.filter(({ replayed }) => !replayed)).toHaveLength(1);
  expect(new Set(outcomes.map(({ result }) => result.act)).size).toBe(1);
});

it('forgets a key after thirty days', async () => {
  await call({ key: 'old' });
  now += 31 * 86_400_000;
  expect((await call({ key: 'old' })).replayed).toBe(false);
});

it('keeps neither key nor input readable', async () => {
  await call({ key: 'secret-key', input: { name: '宋枫桥' } });
  const rows = await database.db.query<{ row: string }>('select to_jsonb(i)::text as row from idempotency i');
  expect(JSON.stringify(rows)).not.toMatch(/secret-key|宋枫桥/);
});

it.each(['', 'x'.repeat(256)])('wants a key of 1 to 255 characters (%#)', async (key) => {
  await expect(call({ key })).rejects.toEqual(expect.objectContaining({ details: { field: 'idempotencyKey' } }));
});
