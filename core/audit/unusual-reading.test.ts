import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/kit/database.ts';
import { makeDisclosureMonth } from './disclosure-month.ts';
import { findUnusualReading, UNUSUAL } from './unusual-reading.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  const { db } = database;
  await db.query(
    `insert into organisation (id, code, name, level, kind, path) values ('centre', 'centre', '', 'COUNTY', 'CENTRE', 'centre/'),
       ('court', 'court', '', 'COUNTY', 'COURT', 'court/')`,
  );
  for (const month of ['2026-03-02', '2026-04-02', '2026-05-02']) await makeDisclosureMonth(db, new Date(month));
  await db.query(`insert into person (id, created_at) select 'per_' || n, now() from generate_series(1, 100) n`);
});
afterAll(() => database.drop());

const read = (subject: string, at: string, persons: number, link = 'DISPUTE', office = 'centre'): Promise<unknown> =>
  database.db.query(
    `insert into disclosure (at, request_id, subject, organisation_id, purpose, person_id, field_groups, link)
     select $2, 'req_' || n, $1, $5, 'mediation', 'per_' || n, '{identity}', $4 from generate_series(1, $3) n`,
    [subject, at, persons, link, office],
  );

/** Of as many as are unusual, in April. */
const readUnresolved = (subject: string, of: 'record_id' | 'dispute_id', group: string): Promise<unknown> =>
  database.db.query(
    `insert into disclosure (at, request_id, subject, organisation_id, purpose, ${of}, field_groups, link)
     select '2026-04-02T02:00:00Z', 'req_' || n, $1, 'centre', 'mediation', 'id_' || n, array[$2], 'DISPUTE' from generate_series(1, $3) n`,
    [subject, group, UNUSUAL.manyPersons],
  );

const found = (more: object = {}) =>
  findUnusualReading(database.db, {
    ...{ from: '2026-03-01', to: '2026-03-31', under: '', selfAndAbove: [], limit: 10 },
    ...more,
  });

test('Who reads many, reads at night or reads by reason alone is listed by legal day; who does their work is not', async () => {
  await read('busy', '2026-03-02T02:00:00Z', UNUSUAL.manyPersons - 1);
  await read('curious', '2026-03-02T02:00:00Z', UNUSUAL.manyPersons);
  // 23:30 in Shanghai is still the second; the same twice is one person.
  await read('awake', '2026-03-02T15:30:00Z', UNUSUAL.atNight);
  await read('awake', '2026-03-02T15:40:00Z', UNUSUAL.atNight);
  await read('early', '2026-03-02T22:00:00Z', UNUSUAL.atNight);
  await read('reasoned', '2026-03-04T02:00:00Z', UNUSUAL.outsideOwnCases, 'SUPERVISION');
  expect(await found()).toEqual([
    expect.objectContaining({ day: '2026-03-04', subject: 'reasoned', outsideOwnCases: UNUSUAL.outsideOwnCases }),
    expect.objectContaining({ day: '2026-03-02', subject: 'curious', persons: UNUSUAL.manyPersons, atNight: 0 }),
    expect.objectContaining({
      day: '2026-03-02',
      subject: 'awake',
      persons: UNUSUAL.atNight,
      atNight: UNUSUAL.atNight,
    }),
  ]);
});

test('It is read page by page, and by days', async () => {
  const [first] = await found({ limit: 1 });
  const rest = await found({ after: first });
  expect(rest.map(({ subject }) => subject)).toEqual(['curious', 'awake']);
  expect(await found({ from: '2026-03-03' })).toHaveLength(1);
  expect(await found({ under: 'street/' })).toEqual([]);
  expect(await found({ under: 'centre/' })).toHaveLength(3);
});

test('Records that nobody was resolved from count as people, and so do matters whose parties were named', async () => {
  const april = { from: '2026-04-01', to: '2026-04-30' };
  await readUnresolved('reader of records', 'record_id', 'courts');
  await readUnresolved('reader of names', 'dispute_id', 'identity');
  await readUnresolved('reader of titles', 'dispute_id', 'disputes');
  expect(await found(april)).toMatchObject([
    { subject: 'reader of records', persons: UNUSUAL.manyPersons },
    { subject: 'reader of names', persons: UNUSUAL.manyPersons },
  ]);
});

test('Who reads for two offices on one day is on two lines; a page that ends between them loses neither', async () => {
  await read('of two', '2026-05-02T02:00:00Z', UNUSUAL.manyPersons);
  await read('of two', '2026-05-02T02:00:00Z', UNUSUAL.manyPersons, 'DISPUTE', 'court');
  const may = { from: '2026-05-01', to: '2026-05-31', limit: 1 };
  const [first] = await found(may);
  const [second] = await found({ ...may, after: first });
  expect([first?.organisationId, second?.organisationId]).toEqual(['court', 'centre']);
  expect(await found({ ...may, after: second })).toEqual([]);
});
