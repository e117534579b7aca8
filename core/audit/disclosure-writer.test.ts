import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/kit/database.ts';
import { createDb, type Db } from '../platform/db.ts';
import { newId } from '../platform/id.ts';
import { createKeyring } from '../platform/keyring.ts';
import type { Reader } from './actor.ts';
import { openReason, type Disclosure, type Shown } from './disclosure.ts';
import { makeDisclosureMonth, makeDisclosureMonths } from './disclosure-month.ts';
import { createDisclosureWriter } from './disclosure-writer.ts';

const keyring = createKeyring(Buffer.alloc(32, 5));
const AT = new Date('2026-03-31T23:59:59.999Z');
let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
  await database.db.query(
    `insert into organisation (id, code, name, level, kind, path) values ('org_1', 'centre', '综治中心', 'COUNTY', 'CENTRE', 'centre/')`,
  );
});
afterEach(() => database.drop());

const reader = (requestId: string, reason: string | null = null): Reader => ({
  ...{ subject: 'li', roles: ['centre.operator'], organisation: { id: 'org_1' } },
  ...{ purpose: 'mediation', reason, requestId },
});
const shown = (personId: string | null, more: Partial<Shown> = {}): Shown => ({
  ...{ personId, recordId: null, disputeId: null, referralId: null, fieldGroups: ['identity'], link: 'DISPUTE' },
  ...more,
});
const disclosure = (requestId: string, all: readonly Shown[], more: Partial<Disclosure> = {}): Disclosure => ({
  ...{ reader: reader(requestId), at: AT, shown: all, lookedUp: [] },
  ...more,
});
const count = async (table: 'disclosure' | 'audit_entry'): Promise<number> =>
  (await database.db.one<{ n: number }>(`select count(*) as n from ${table}`)).n;

test('An answer is a row for each person and record, and an entry for each person, or record where nobody is resolved', async () => {
  const write = createDisclosureWriter({ db: database.db, keyring });
  const all = [
    shown('per_1', { fieldGroups: ['courts', 'identity'], link: 'OWN_RECORD' }),
    shown('per_1', { recordId: 'rec_1', fieldGroups: ['courts'] }),
    shown(null, { recordId: 'rec_1' }),
    shown(null, { referralId: 'ref_1', fieldGroups: ['referrals'], link: null }),
  ];
  await write(disclosure('req_1', all, { reader: reader('req_1', '电话联系李梅') }));
  const columns = 'request_id, person_id, record_id, dispute_id, referral_id, field_groups, link, purpose, at';
  const row = { request_id: 'req_1', person_id: null, record_id: null, dispute_id: null, referral_id: null };
  expect(await database.db.query(`select ${columns} from disclosure order by id`)).toMatchObject([
    {
      ...row,
      person_id: 'per_1',
      field_groups: ['courts', 'identity'],
      link: 'OWN_RECORD',
      purpose: 'mediation',
      at: AT,
    },
    { ...row, person_id: 'per_1', record_id: 'rec_1', field_groups: ['courts'], link: 'DISPUTE' },
    { ...row, record_id: 'rec_1', field_groups: ['identity'] },
    { ...row, referral_id: 'ref_1', field_groups: ['referrals'], link: null },
  ]);
  const entries = await database.db.query<{ body: object }>(
    'select kind, subject, about, actor_subject, body from audit_trail order by id',
  );
  expect(entries).toMatchObject([
    { kind: 'person.disclosed', subject: 'req_1', about: ['per_1', 'req_1'], actor_subject: 'li' },
    { kind: 'person.disclosed', subject: 'rec_1' },
    { kind: 'person.disclosed', subject: 'ref_1' },
  ]);
  expect(entries[0]?.body).toEqual({
    ...{
      request: 'req_1',
      purpose: 'mediation',
      fieldGroups: ['courts', 'identity'],
      links: ['DISPUTE', 'OWN_RECORD'],
    },
    ...{ records: ['rec_1'], disputes: [], referrals: [] },
    // Who it was stands beside the log; in it, only what their own key opens.
    person: { commitment: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/) as string },
  });
  expect(JSON.stringify(entries.map(({ body }) => body))).not.toContain('per_1');
  // A reason is about people: sealed here, and not in the log at all.
  const [sealed] = await database.db.query<{ reason: null; reason_cipher: Buffer }>(
    'select reason, reason_cipher from disclosure',
  );
  expect(sealed?.reason).toBeNull();
  expect(openReason(keyring, 'req_1', sealed?.reason_cipher ?? Buffer.alloc(0))).toBe('电话联系李梅');
  expect(JSON.stringify(entries)).not.toContain('李梅');
});

test('Somebody who is shown through a thousand matters in one answer is written down, in as many entries as hold them', async () => {
  const write = createDisclosureWriter({ db: database.db, keyring });
  const matters = Array.from({ length: 1_001 }, () => newId('dsp', AT));
  await write(
    disclosure(
      'req_1',
      matters.map((disputeId) => shown('per_1', { disputeId })),
    ),
  );
  expect(await count('disclosure')).toBe(1_001);
  const entries = await database.db.query<{ kind: string; body: { disputes: string[] } }>(
    'select kind, body from audit_trail order by id',
  );
  expect(entries.map(({ kind }) => kind)).toEqual(Array(3).fill('person.disclosed'));
  expect(entries.flatMap(({ body }) => body.disputes).sort()).toEqual([...matters].sort());
});

test('A number that nobody is found by is an entry with its keyed hash, and no row', async () => {
  const write = createDisclosureWriter({ db: database.db, keyring });
  await write(disclosure('req_1', [], { lookedUp: ['ab12'] }));
  expect(await count('disclosure')).toBe(0);
  expect(await database.db.query('select kind, about, body from audit_trail')).toEqual([
    {
      kind: 'person.looked-up',
      about: ['ab12', 'req_1'],
      body: { request: 'req_1', purpose: 'mediation', found: false },
    },
  ]);
});

test('What many requests disclose at the same time takes a few commits, not one each', async () => {
  const write = createDisclosureWriter({ db: database.db, keyring });
  await write(disclosure('req_0', [shown('per_0')]));
  const before = database.db.statements;
  await Promise.all(Array.from({ length: 60 }, (_, n) => write(disclosure(`req_${n}`, [shown(`per_${n}`)]))));
  // The first by itself, the other 59 in the next: keys read and made, and one statement for each.
  expect(database.db.statements - before).toBeLessThanOrEqual(6);
  expect(await count('disclosure')).toBe(61);
  expect(await count('audit_entry')).toBe(61);
});

test('One answer that cannot be stored is withheld; those written with it are not', async () => {
  const write = createDisclosureWriter({ db: database.db, keyring });
  const writes = [shown('per_1'), shown('per_2'), shown(null), shown('per_3')].map((one, n) =>
    write(disclosure(`req_${n}`, [one])),
  );
  const told = (await Promise.allSettled(writes)).map(({ status }) => status);
  expect(told).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(await database.db.query('select person_id as id from disclosure order by 1')).toEqual([
    { id: 'per_1' },
    { id: 'per_2' },
    { id: 'per_3' },
  ]);
  expect(await count('audit_entry')).toBe(3);
});

describe('A user of the database who may not write', () => {
  let role: string;
  let db: Db;
  beforeEach(async () => {
    role = `reader_${randomBytes(6).toString('hex')}`;
    await makeDisclosureMonth(database.db, AT);
    await database.db
      .query(`create role ${role} login password 'pw'; grant all on all tables in schema public to ${role};
      grant all on all sequences in schema public to ${role}`);
    const url = new URL(database.url);
    url.username = role;
    url.password = 'pw';
    db = createDb({ url: url.href, max: 2 });
  });
  afterEach(async () => {
    await db.close();
    await database.db.query(`drop owned by ${role}; drop role ${role}`);
  });

  test.each(['disclosure', 'audit_entry'] as const)(
    '%s shows nothing, is told why, and is served again once they may',
    async (table) => {
      const write = createDisclosureWriter({ db, keyring });
      await write(disclosure('req_1', [shown('per_1')]));
      await database.db.query(`revoke insert on ${table} from ${role}`);
      const refused = ['req_2', 'req_3', 'req_4'].map((id) => write(disclosure(id, [shown('per_1')])));
      for (const one of refused)
        await expect(one).rejects.toMatchObject({
          ...{ code: 'INTERNAL', retryable: true },
          message: 'What you asked to see could not be written down, so it is not shown. Try again in a moment.',
        });
      // Neither half of what could not be written whole.
      expect([await count('disclosure'), await count('audit_entry')]).toEqual([1, 1]);
      await database.db.query(`grant insert on ${table} to ${role}`);
      await write(disclosure('req_5', [shown('per_1')]));
      expect([await count('disclosure'), await count('audit_entry')]).toEqual([2, 2]);
    },
  );
});

describe('Months', () => {
  const months = async (): Promise<string[]> =>
    (
      await database.db.query<{ name: string }>(
        `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'disclosure'::regclass order by 1`,
      )
    ).map(({ name }) => name);

  test('are made before they begin, and by whoever comes first where nobody did, once', async () => {
    expect(await months()).toEqual([]);
    await Promise.all([1, 2, 3].map(() => makeDisclosureMonths(database.db, AT)));
    expect(await months()).toEqual(['disclosure_2026_03', 'disclosure_2026_04', 'disclosure_2026_05']);
    const writers = [1, 2, 3].map(() => createDisclosureWriter({ db: database.db, keyring }));
    const late = { at: new Date('2026-12-31T23:59:59.999Z') };
    const later = { at: new Date('2027-01-01T00:00:00.000Z') };
    await Promise.all(writers.map((write) => write(disclosure('req_1', [shown('per_1')], late))));
    await Promise.all(writers.map((write) => write(disclosure('req_2', [shown('per_1')], later))));
    expect((await months()).slice(3)).toEqual(['disclosure_2026_12', 'disclosure_2027_01']);
    expect(
      await database.db.query('select distinct tableoid::regclass::text as month from disclosure order by 1'),
    ).toEqual([{ month: 'disclosure_2026_12' }, { month: 'disclosure_2027_01' }]);
  });
});
