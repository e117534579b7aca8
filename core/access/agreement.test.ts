import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/kit/database.ts';
import { storeAgreements } from './agreement.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const at = new Date('2026-03-02T00:00:00Z');
const courts = { source: 'COURTS', purposes: ['mediation'], fieldGroups: ['identity'], expires: '2027-12-31' };
const police = { ...courts, source: 'POLICE' };

test('What changes of the basis on which a department is read is an entry; the same again is none', async () => {
  const { db } = database;
  await storeAgreements(db, [courts, police], at);
  await storeAgreements(db, [courts, police], at);
  await storeAgreements(db, [{ ...courts, expires: '2026-06-30' }], at);
  expect(await db.query('select kind, subject, body from audit_trail order by id')).toEqual([
    ...[courts, police].map(({ source, ...body }) => ({ kind: 'agreement.changed', subject: source, body })),
    { kind: 'agreement.changed', subject: 'COURTS', body: { ...courts, source: undefined, expires: '2026-06-30' } },
    { kind: 'agreement.ended', subject: 'POLICE', body: {} },
  ]);
});
