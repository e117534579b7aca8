import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createIndexRig, type IndexRig } from '../../test/kit/index-rig.ts';
import { citizenId, participant, record } from '../../test/kit/paper-department.ts';
import { createDb } from '../platform/db.ts';
import { AppError } from '../platform/errors.ts';
import { openTitle } from './dispute-text.ts';

let rig: IndexRig;
beforeEach(async () => {
  rig = await createIndexRig();
});
afterEach(() => rig.drop());

const wang = (ref = '1', fields = {}) =>
  participant(ref, { citizenId: citizenId(1), birthDate: '1980-01-02', ...fields });
const child = (ref = '1') => participant(ref, { name: '王小宝', citizenId: citizenId(1), birthDate: '2012-01-02' });
const count = async (table: string, where = 'true'): Promise<number> =>
  (await rig.db.one<{ n: number }>(`select count(*) as n from ${table} where ${where}`, [])).n;

test('Reading in joins across departments by ID and name, keeps the evidence, and finds nothing new the second time', async () => {
  rig.courts.put(record('COURTS', 'c1', { category: 'NEIGHBOUR', participants: [wang('1'), participant('2')] }));
  rig.police.put(record('POLICE', 'p1', { participants: [wang('1', { birthDate: null })] }));
  expect(await rig.readIn.read('COURTS')).toMatchObject({ outcome: 'READ', changed: 1 });
  expect(await rig.readIn.read('POLICE')).toMatchObject({ outcome: 'READ', changed: 1 });
  expect(await rig.people()).toEqual(['COURTS/c1/1 POLICE/p1/1', 'COURTS/c1/2']);
  const [joining] = await rig.db.query('select rule, evidence, decided_by from joining');
  expect(joining).toMatchObject({
    rule: 'CITIZEN_ID',
    decided_by: 'rule:citizen-id-exact/1',
    evidence: { fields: [{ agreement: 'EQUAL' }, { agreement: 'EQUAL' }, { agreement: 'MISSING' }] },
  });

  rig.courts.put(record('COURTS', 'c1', { category: 'NEIGHBOUR', participants: [wang('1'), participant('2')] }));
  const before = await rig.db.query('select xmin::text, * from mention order by id');
  expect(await rig.readIn.read('COURTS')).toMatchObject({ outcome: 'READ', changed: 0, gone: 0 });
  expect(await rig.db.query('select xmin::text, * from mention order by id')).toEqual(before);
});

test('No personal data stands in the index in the clear', async () => {
  const someone = wang('1', { phone: '13800001234', address: '枫林一里三号' });
  rig.courts.put(record('COURTS', 'c1', { category: 'NEIGHBOUR', place: 'place', participants: [someone] }));
  await rig.readIn.read('COURTS');
  for (const table of ['record', 'mention', 'person', 'joining', 'dispute', 'source_feed']) {
    const rows = await rig.db.query<{ row: string }>(`select t::text as row from ${table} t`);
    const text = rows.map(({ row }) => row).join();
    const hex = (plain: string): string => Buffer.from(plain).toString('hex');
    for (const secret of [citizenId(1), '13800001234', '王小明', '三号', '"c1"']) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(hex(secret));
    }
  }
});

test('A child under its mother’s number is not joined but put before a human, once', async () => {
  rig.courts.put(
    record('COURTS', 'c1', { participants: [wang()] }),
    record('COURTS', 'c2', { participants: [child()] }),
  );
  await rig.readIn.read('COURTS');
  rig.police.put(record('POLICE', 'p1', { participants: [wang()] }));
  await rig.readIn.read('POLICE');
  expect(await rig.people()).toEqual(['COURTS/c1/1 POLICE/p1/1', 'COURTS/c2/1']);
  expect(await rig.db.query('select distinct question_id from identity_review')).toHaveLength(1);

  rig.courts.put(record('COURTS', 'c2', { participants: [child(), wang('2', { citizenId: null })] }));
  rig.courts.put(record('COURTS', 'c2', { participants: [{ ...child(), citizenId: citizenId(2) }] }));
  await rig.readIn.read('COURTS');
  expect(await count('identity_review')).toBe(0);
});

test('A person falls apart when the record that bridged it goes, and the oldest mention keeps the id', async () => {
  const bridge = wang('1', { name: '赵大海' });
  rig.courts.put(record('COURTS', 'c1', { participants: [wang('1', { birthDate: null })] }));
  await rig.readIn.read('COURTS');
  rig.clock.advance(1_000);
  rig.police.put(
    record('POLICE', 'p1', { participants: [wang()] }),
    record('POLICE', 'p2', { participants: [bridge] }),
  );
  await rig.readIn.read('POLICE');
  expect(await rig.people()).toEqual(['COURTS/c1/1 POLICE/p1/1 POLICE/p2/1']);
  const { id } = await rig.db.one<{ id: string }>('select distinct person_id as id from mention', []);

  rig.police.remove('p1');
  await rig.readIn.read('POLICE');
  expect(await rig.people()).toEqual(['COURTS/c1/1', 'POLICE/p2/1']);
  const holder = await rig.db.one<{ source: string }>(
    'select r.source from mention m join record r on r.id = m.record_id where m.person_id = $1 and m.gone_at is null',
    [id],
  );
  expect(holder.source).toBe('COURTS');
  expect(await count('joining', `rule = 'PARTED'`)).toBe(1);

  rig.police.put(record('POLICE', 'p1', { participants: [wang()] }));
  await rig.readIn.read('POLICE');
  expect(await rig.people()).toEqual(['COURTS/c1/1 POLICE/p1/1 POLICE/p2/1']);
  expect(await count('mention', `person_id <> '${id}' and gone_at is null`)).toBe(0);
  expect(await count('person', `survivor_id = '${id}'`)).toBe(1);
});

test('Whatever order departments are read in and however their feeds are cut, the index is the same', async () => {
  const people = [wang(), child(), wang('1', { name: '王晓明' }), participant('1'), wang('1', { citizenId: '1' })];
  const entry = fc.record({
    source: fc.constantFrom('COURTS', 'POLICE'),
    key: fc.constantFrom('k1', 'k2', 'k3', 'k4'),
    who: fc.constantFrom(...people),
    other: fc.constantFrom(...people, null),
    refers: fc.constantFrom('k1', 'k2', null),
    category: fc.constantFrom('NEIGHBOUR', null),
  });
  const aRecord = entry.map(({ source, key, who, other, refers, category }) =>
    record(source, key, {
      category,
      participants: [who, ...(other ? [{ ...other, ref: '2' }] : [])],
      references: refers === null ? [] : [{ source: 'COURTS', number: `COURTS-${refers}` }],
    }),
  );
  const records = fc.uniqueArray(aRecord, { selector: ({ source, key }) => source + key, minLength: 3, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(
      records.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      async ([all, shuffled]) => {
        const outcomes: (readonly string[])[] = [];
        for (const [order, batch] of [
          [all, 99],
          [shuffled, 1],
        ] as const) {
          const own = await createIndexRig(2);
          try {
            for (let start = 0; start < order.length; start += batch) {
              for (const one of order.slice(start, start + batch))
                (one.source === 'COURTS' ? own.courts : own.police).put(one);
              await Promise.all([own.readIn.read('COURTS'), own.readIn.read('POLICE')]);
            }
            outcomes.push([...(await own.people()), ...(await own.disputes())]);
          } finally {
            await own.drop();
          }
        }
        expect(outcomes[1]).toEqual(outcomes[0]);
      },
    ),
    { seed: 5, numRuns: process.env['FULL'] ? 20 : 4 },
  );
});

test('A reader killed in the middle loses its lease, and another goes on from the stored cursor to the same index', async () => {
  for (let n = 0; n < 10; n++) rig.courts.put(record('COURTS', `c${n}`, { participants: [wang(), participant('2')] }));
  const other = createDb({ url: rig.url });
  let pages = 0;
  const dying = rig.reader({
    ...other,
    statements: 0,
    tx: (fn, options) =>
      other.tx(async (tx) => {
        const result = await fn(tx);
        if (++pages === 3) await tx.query('select pg_terminate_backend(pg_backend_pid())');
        return result;
      }, options),
  });
  await expect(dying.read('COURTS')).rejects.toThrow();
  await other.close();
  expect(await count('record')).toBe(6);
  await rig.db.query(`update source_feed set leased_until = $1, leased_by = 'the dead'`, [
    new Date(rig.clock.wall().getTime() + 60_000),
  ]);
  expect(await rig.readIn.read('COURTS')).toMatchObject({ outcome: 'BUSY' });

  rig.clock.advance(120_000);
  expect(await rig.readIn.read('COURTS')).toMatchObject({ outcome: 'READ', changed: 4 });
  expect(rig.courts.asked.at(-2)).toBe('6');
  expect(await rig.people()).toHaveLength(11);
  expect(await rig.db.one('select done, total from source_feed where source = $1', ['COURTS'])).toEqual({
    done: 10,
    total: 10,
  });
});

test('One that was too slow and lost its lease stores nothing', async () => {
  rig.courts.put(record('COURTS', 'c1'));
  const { db } = rig;
  const slow = rig.reader({
    ...db,
    statements: 0,
    async tx(fn, options) {
      await db.query(`update source_feed set leased_by = 'another'`);
      return db.tx(fn, options);
    },
  });
  await expect(slow.read('COURTS')).rejects.toThrow('taken over');
  expect(await count('record')).toBe(0);
  expect(await db.one('select leased_by, last_error from source_feed', [])).toEqual({
    leased_by: 'another',
    last_error: null,
  });
});

test('A department that fails is tried again later and later, and says why without its words', async () => {
  rig.courts.put(record('COURTS', 'c1'));
  rig.courts.fail(new AppError('SOURCE_UNAVAILABLE', 'The court’s system does not answer.', { retryable: true }), 2);
  await expect(rig.readIn.read('COURTS')).rejects.toThrow('does not answer');
  rig.clock.advance(1_999);
  expect((await rig.readIn.due()).map(({ source }) => source)).not.toContain('COURTS');
  rig.clock.advance(1);
  expect(await rig.readIn.due()).toContainEqual({ source: 'COURTS', attempts: 1 });
  await expect(rig.readIn.read('COURTS')).rejects.toThrow();
  rig.clock.advance(4_000);
  expect(await rig.readIn.read('COURTS')).toMatchObject({ outcome: 'READ' });
  expect(
    await rig.db.one('select attempts, last_error, due_at > $1 as later from source_feed where source = $2', [
      rig.clock.wall(),
      'COURTS',
    ]),
  ).toEqual({ attempts: 0, last_error: null, later: true });
});

test('A page costs the same number of statements whatever stands on it', async () => {
  const big = await createIndexRig(500);
  try {
    const cost = async (records: number): Promise<number> => {
      for (let n = 0; n < records; n++) {
        const participants = [wang('1', { name: `王${records}`, citizenId: citizenId(n % 50) }), participant('2')];
        const references = n % 2 ? [{ source: 'COURTS', number: `COURTS-${records}.${n - 1}` }] : [];
        big.courts.put(record('COURTS', `${records}.${n}`, { category: 'NEIGHBOUR', participants, references }));
      }
      const before = big.db.statements;
      await big.readIn.read('COURTS');
      return big.db.statements - before;
    };
    await cost(10);
    const [few, many] = [await cost(20), await cost(400)];
    expect(many).toBeLessThanOrEqual(few + 2);
    expect(many).toBeLessThan(40);
  } finally {
    await big.drop();
  }
});

test('A dispute told of by two departments is one, seen by those who hold its records and by the centre', async () => {
  rig.courts.put(
    record('COURTS', 'c1', { category: 'NEIGHBOUR', office: 'court', place: 'place', participants: [wang()] }),
  );
  await rig.readIn.read('COURTS');
  rig.police.put(
    record('POLICE', 'p1', {
      category: 'PUBLIC_ORDER',
      office: 'station',
      at: '2026-02-01T00:00:00Z',
      references: [{ source: 'COURTS', number: 'COURTS-c1' }],
    }),
  );
  await rig.readIn.read('POLICE');
  const [dispute] = await rig.db.query<{
    id: string;
    wrapped: Buffer;
    number: string;
    titleCipher: Buffer;
    channels: string[];
    openedAt: Date;
  }>(
    'select id, wrapped, number, title_cipher as "titleCipher", channels, opened_at as "openedAt" from dispute join data_key using (id)',
  );
  expect(await rig.disputes()).toEqual(['COURTS/c1 POLICE/p1']);
  expect(dispute?.number).toMatch(/^D2026-\d{6}$/);
  expect(dispute && openTitle(rig.keyring, dispute)).toBe('治安纠纷 · 枫林一里');
  expect(dispute?.channels).toEqual(['POLICE_110', 'COURT_PLATFORM']);
  expect(dispute?.openedAt).toEqual(new Date('2026-02-01T00:00:00Z'));
  const seenBy = async (): Promise<unknown[]> =>
    (await rig.db.query<{ id: string }>('select organisation_id as id from visible order by 1')).map(({ id }) => id);
  expect(await seenBy()).toEqual(['org_centre', 'org_court', 'org_station']);

  rig.police.remove('p1');
  await rig.readIn.read('POLICE');
  expect(await seenBy()).toEqual(['org_centre', 'org_court']);
});

test('A reference read before the record it names takes effect when that record comes, and bridges two disputes', async () => {
  rig.police.put(
    record('POLICE', 'p1', { category: 'NEIGHBOUR', references: [{ source: 'PETITIONS', number: 'PETITIONS-x1' }] }),
    record('POLICE', 'p2', { category: 'NEIGHBOUR', at: '2026-01-01T00:00:00Z' }),
  );
  await rig.readIn.read('POLICE');
  expect(await rig.disputes()).toEqual(['POLICE/p1', 'POLICE/p2']);
  rig.petitions.put({
    ...record('PETITIONS', 'x1', {
      category: 'NEIGHBOUR',
      accused: ['station'],
      references: [{ source: 'POLICE', number: 'POLICE-p2' }],
    }),
    ...{ form: 'VISIT', purpose: 'ACCUSATION', collective: true },
  });
  await rig.readIn.read('PETITIONS');
  expect(await rig.disputes()).toEqual(['PETITIONS/x1 POLICE/p1 POLICE/p2']);
  expect(
    await rig.db.one('select petition_purpose, accused_ids, is_collective from dispute where survivor_id is null', []),
  ).toEqual({ petition_purpose: 'ACCUSATION', accused_ids: ['org_station'], is_collective: true });
  expect(await count('dispute', 'survivor_id is not null')).toBe(1);
  expect(await count('dispute_record', `unlink_reason = 'MERGED'`)).toBe(1);
});
