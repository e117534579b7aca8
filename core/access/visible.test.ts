import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/kit/database.ts';
import { refreshVisible } from './visible.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  const tree = [
    ['county', 'GOVERNMENT', null],
    ['centre', 'CENTRE', 'county'],
    ['police', 'POLICE', 'county'],
    ['station', 'STATION', 'police'],
    ['petitions', 'PETITION_BUREAU', 'county'],
    ['t01', 'GOVERNMENT', 'county'],
    ['t01-c01', 'COMMITTEE', 't01'],
  ] as const;
  const paths = new Map<string, string>();
  for (const [code, kind, parent] of tree) {
    paths.set(code, `${parent ? (paths.get(parent) ?? '') : ''}${code}/`);
    await database.db.query(
      `insert into organisation (id, code, name, level, kind, parent_id, path) values ($1, $1, $1, 'COUNTY', $2, $3, $4)`,
      [code, kind, parent, paths.get(code)],
    );
  }
});
afterAll(() => database.drop());

let serial = 0;
async function dispute(
  records: readonly { office: string; sealed?: boolean; classified?: boolean; accused?: readonly string[] }[],
  accused: readonly string[] = [],
): Promise<string> {
  const id = `dsp_${++serial}`;
  const { db } = database;
  await db.query(
    `insert into dispute (id, number, title_cipher, category, channels, opened_at, accused_ids) values ($1, $1, '', 'OTHER', '{}', now(), $2)`,
    [id, accused],
  );
  for (const [index, record] of records.entries()) {
    const recordId = `${id}_${index}`;
    await db.query(
      `insert into record (id, source, key_hash, key_cipher, number_hash, kind, occurred_at, office_id, sealed, classified, protected, accused_ids, channel, digest, first_seen_at, changed_at)
       values ($1, 'POLICE', $2, '', '', 'DISPUTE', now(), $3, $4, $5, false, $6, 'POLICE_110', '', now(), now())`,
      [
        recordId,
        Buffer.from(recordId),
        record.office,
        record.sealed ?? false,
        record.classified ?? false,
        record.accused ?? [],
      ],
    );
    await db.query(
      `insert into dispute_record (dispute_id, record_id, rule, linked_by, linked_at) values ($1, $2, 'FOUNDING', 'test', now())`,
      [id, recordId],
    );
  }
  await db.tx(async (tx) => refreshVisible(tx, [id]));
  return id;
}

async function seenBy(id: string): Promise<string[]> {
  const rows = await database.db.query<{ organisation_id: string }>(
    'select organisation_id from visible where dispute_id = $1 order by 1',
    [id],
  );
  return rows.map((row) => row.organisation_id);
}

beforeEach(() => database.db.query('delete from visible'));

it('shows a dispute to the centre, to who holds a record of it and to their bureau, and not to the government above', async () => {
  expect(await seenBy(await dispute([{ office: 'station' }]))).toEqual(['centre', 'police', 'station']);
});

it('shows a dispute of nothing but sealed or classified records to their owner only', async () => {
  expect(
    await seenBy(
      await dispute([
        { office: 'station', sealed: true },
        { office: 'station', classified: true },
      ]),
    ),
  ).toEqual(['police', 'station']);
});

it('keeps an accusation from the accused and everybody under them, whatever else would show it', async () => {
  const id = await dispute([{ office: 'petitions', accused: ['police'] }, { office: 'station' }]);
  expect(await seenBy(id)).toEqual(['centre', 'petitions']);
  const township = await dispute([{ office: 't01-c01' }], ['t01']);
  expect(await seenBy(township)).toEqual(['centre']);
});

it('takes back what no longer holds', async () => {
  const id = await dispute([{ office: 'station' }]);
  await database.db.query(`update dispute_record set unlinked_at = now() where dispute_id = $1`, [id]);
  await database.db.tx(async (tx) => refreshVisible(tx, [id]));
  expect(await seenBy(id)).toEqual([]);
});

it('shows nothing of a dispute that was joined into another', async () => {
  const [one, other] = [await dispute([{ office: 'station' }]), await dispute([{ office: 'petitions' }])];
  await database.db.query('update dispute set survivor_id = $2 where id = $1', [one, other]);
  await database.db.tx(async (tx) => refreshVisible(tx, [one, other]));
  expect(await seenBy(one)).toEqual([]);
  expect(await seenBy(other)).toEqual(['centre', 'petitions']);
});
