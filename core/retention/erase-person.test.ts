import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase } from '../../test/kit/database.ts';
import { somebodyWaits } from '../../test/kit/somebody-waits.ts';
import { createDisclosureWriter } from '../audit/disclosure-writer.ts';
import { openReason, type Shown } from '../audit/disclosure.ts';
import { makeDisclosureMonth } from '../audit/disclosure-month.ts';
import { foundLog, sequenceRound } from '../audit/sequence.ts';
import { createIndexRig, type IndexRig } from '../../test/kit/index-rig.ts';
import { citizenId, participant, record } from '../../test/kit/paper-department.ts';
import { createRules, loadRules, type Rules } from '../calendar/load-rules.ts';
import { openText } from '../disputes/dispute-text.ts';
import { openDispute, type OpenDispute } from '../disputes/open-dispute.ts';
import { emptyErased } from '../people/erase-person.ts';
import { openMention } from '../people/index-row.ts';
import { backup, exportKeys } from '../platform/backup.ts';
import type { Db, Queryable } from '../platform/db.ts';
import { projectRoot } from '../platform/project-root.ts';
import { restore } from '../platform/restore.ts';
import { erasePerson, type Erasure, type ErasureRequest } from './erase-person.ts';

const rules = loadRules(join(projectRoot, 'schema', 'rules'));
const wang = participant('1', { name: '王小明', citizenId: citizenId(1), phone: '13800000001' });
const li = participant('2', { name: '李大山', citizenId: citizenId(2) });

let rig: IndexRig;
beforeEach(async () => {
  rig = await createIndexRig();
});
afterEach(() => rig.drop());

interface Row {
  readonly mentionId: string;
  readonly personId: string;
  readonly ref: string;
  readonly cipher: Buffer;
  readonly wrapped: Buffer | null;
  readonly gone: boolean;
  readonly citizenIdHash: Buffer | null;
  readonly phoneHash: Buffer | null;
  readonly birthYear: number | null;
  readonly nameTokens: readonly Buffer[];
}

const mentions = (q: Queryable = rig.db): Promise<Row[]> =>
  q.query<Row>(`select m.id as "mentionId", m.person_id as "personId", m.ref, m.cipher, k.wrapped, m.gone_at is not null as gone,
    m.citizen_id_hash as "citizenIdHash", m.phone_hash as "phoneHash", m.birth_year as "birthYear", m.name_tokens as "nameTokens"
    from mention m left join data_key k on k.id = m.id order by m.created_at, m.id`);
const names = async (q: Queryable = rig.db): Promise<string[]> =>
  (await mentions(q)).map((row) => openMention(rig.keyring, row).name).sort();
const personOf = async (name: string): Promise<string> =>
  (await mentions()).find((row) => openMention(rig.keyring, row).name === name)?.personId ?? '';
const erase = (personId: string, more: Partial<ErasureRequest> = {}, by: Rules = rules): Promise<Erasure> =>
  rig.db.tx((tx) =>
    erasePerson(
      tx,
      { rules: by, now: rig.clock.business(), at: rig.clock.wall(), actor: null },
      { personId, reason: '本人申请', dryRun: false, ...more },
    ),
  );
/** A record that founds no dispute. */
const told = (key: string, ...participants: (typeof wang)[]) =>
  record('COURTS', key, { kind: 'MARRIAGE', participants });

async function readIn(...records: ReturnType<typeof record>[]): Promise<void> {
  rig.courts.put(...records);
  await rig.readIn.read('COURTS');
}

test('An erased person is read and found by nothing any more, and nobody beside them is touched', async () => {
  await readIn(told('c1', wang, li), told('c2', wang));
  const id = await personOf('王小明');
  expect(await erase(id)).toMatchObject({ personId: id, persons: 1, mentions: 2, erased: true });
  expect(await names()).toEqual(['', '', '李大山']);
  const gone = (await mentions()).filter(({ personId }) => personId === id);
  for (const row of gone)
    expect(row).toMatchObject({
      ...{ gone: true, citizenIdHash: null, phoneHash: null, birthYear: null, nameTokens: [] },
      ...{ cipher: Buffer.alloc(0), wrapped: Buffer.alloc(0) },
    });
  // The rows are there, and point at whom they always pointed at.
  expect(gone).toHaveLength(2);
  expect(await rig.db.one('select wrapped from data_key where id = $1', [id])).toEqual({ wrapped: Buffer.alloc(0) });
  const [entry] = await rig.db.query<{ about: string[]; body: object }>(
    `select (select e.about from audit_entry e where e.id = audit_trail.id) as about, body from audit_trail where kind = 'person.erased'`,
  );
  expect(entry).toEqual({
    about: [id],
    body: { persons: 1, mentions: 2, basis: '个人信息保护法 47', reason: '本人申请' },
  });
  expect(await erase(id)).toMatchObject({ mentions: 0, erased: false });
});

test('A dry run says what would be erased and changes nothing', async () => {
  await readIn(told('c1', wang));
  const before = await mentions();
  expect(await erase(await personOf('王小明'), { dryRun: true })).toMatchObject({
    mentions: 1,
    holds: [],
    erased: false,
  });
  expect(await mentions()).toEqual(before);
});

test('Nobody is erased while a dispute is open, a record of provision or a closed matter is kept, and it is said until when', async () => {
  await readIn(record('COURTS', 'c1', { category: 'NEIGHBOUR', participants: [wang] }));
  const id = await personOf('王小明');
  await expect(erase(id)).rejects.toMatchObject({
    code: 'CONFLICT',
    details: { holds: [{ reason: 'OPEN_DISPUTE', count: 1, until: null }] },
  });
  await rig.db.query(`update dispute set stage = 'CLOSED', resolved_at = '2026-01-10T00:00:00Z'`);
  await makeDisclosureMonth(rig.db, new Date('2026-02-01T00:00:00Z'));
  await rig.db.query(
    `insert into disclosure (at, request_id, subject, organisation_id, purpose, person_id, field_groups, link)
     select '2026-02-01T00:00:00Z', 'req', 'li', o, 'mediation', $1, '{identity}', 'DISPUTE' from unnest('{org_station,org_centre}'::text[]) o`,
    [id],
  );
  await expect(erase(id)).rejects.toThrow(/until 2029-02-02, 网络数据安全管理条例 12; .*until 2031-01-11/);
  expect(await names()).toEqual(['王小明']);
  expect(await erase(id, { dryRun: true })).toMatchObject({
    holds: [
      { reason: 'PROVISION_RECORD', count: 1, rule: 'kept.provision-record' },
      { reason: 'CLOSED_MATTER', count: 1, rule: 'retention.closed-words' },
    ],
  });
  rig.clock.advance(6 * 366 * 24 * 60 * 60 * 1_000);
  expect(await erase(id)).toMatchObject({ erased: true });
});

test('The department’s next word on an erased person is a new mention of a new person, and the same word again is none', async () => {
  await readIn(told('c1', wang));
  const id = await personOf('王小明');
  await erase(id);
  await readIn(told('c1', wang));
  expect(await names()).toEqual(['']);
  await readIn(told('c1', { ...wang, phone: '13800000002' }));
  const again = await personOf('王小明');
  expect(again).not.toBe('');
  expect(again).not.toBe(id);
  const [old] = (await mentions()).filter(({ personId }) => personId === id);
  expect(old).toMatchObject({ gone: true, cipher: Buffer.alloc(0) });
  await erase(again);
  await readIn(told('c1', { ...wang, phone: '13800000003' }));
  expect(await names()).toEqual(['', '', '王小明']);
});

test('Whoever is erased while a page with them is on its way is not brought back by it', async () => {
  await readIn(told('c1', wang));
  const id = await personOf('王小明');
  rig.courts.put(told('c1', { ...wang, phone: '13800000002' }));
  // Erased after the page was made ready and before it is stored.
  const meanwhile = rig.reader({
    ...rig.db,
    tx: async (fn, options) => {
      await erase(id);
      return rig.db.tx(fn, options);
    },
  });
  await expect(meanwhile.read('COURTS')).rejects.toMatchObject({ retryable: true });
  expect(await names()).toEqual(['']);
  await rig.readIn.read('COURTS');
  expect(await personOf('王小明')).not.toBe(id);
});

test('A person nobody knows is not there, and a reason must be given', async () => {
  await expect(erase('per_none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(erase('per_none', { reason: '  ' })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
});

test('A backup from before the erasure, restored with the newest keys, has forgotten the person too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'erased 擦除-'));
  const [old, late] = [join(folder, 'old.backup'), join(folder, 'late.keys')];
  try {
    await readIn(told('c1', wang, li));
    await backup({ url: rig.url, file: old });
    await erase(await personOf('王小明'));
    await readIn(told('c3', participant('9', { name: '赵新来' })));
    await exportKeys({ url: rig.url, file: late });
    const into = async (keys: string | undefined, check: (q: Queryable) => Promise<void>): Promise<void> => {
      const database = await createTestDatabase({ empty: true });
      try {
        await restore({ ...{ url: database.url, file: old, settle: emptyErased }, ...(keys ? { keys } : {}) });
        await check(database.db);
      } finally {
        await database.drop();
      }
    };
    await into(late, async (q) => {
      expect(await names(q)).toEqual(['', '李大山']);
      expect((await mentions(q)).filter(({ citizenIdHash }) => citizenIdHash !== null)).toHaveLength(1);
    });
    // With its own keys, which should have been destroyed, it has not.
    await into(undefined, async (q) => expect(await names(q)).toEqual(['李大山', '王小明']));
    const newer = join(folder, 'newer.backup');
    await backup({ url: rig.url, file: newer });
    const database = await createTestDatabase({ empty: true });
    await expect(restore({ url: database.url, file: newer, keys: `${old}.keys` })).rejects.toThrow(
      'older than the backup',
    );
    expect(await database.db.query(`select from pg_class where relname = 'mention'`)).toEqual([]);
    await expect(restore({ url: database.url, file: newer, keys: newer })).rejects.toThrow('not a file of keys');
    await database.drop();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const SIX_YEARS = 6 * 366 * 24 * 60 * 60 * 1_000;

/** Somebody of `organisation` was shown something. */
const shown = (organisation: string, what: Partial<Shown>, lookedUp: readonly string[] = []): Promise<void> =>
  createDisclosureWriter(rig)({
    at: rig.clock.wall(),
    reader: {
      ...{ subject: 'li', roles: ['centre.supervisor'], organisation: { id: organisation } },
      ...{ purpose: 'supervision', requestId: 'req_1', reason: '核实王小明被打一事' },
    },
    shown: [
      {
        ...{ personId: null, recordId: null, disputeId: null, referralId: null },
        ...{ fieldGroups: ['identity'], link: 'SUPERVISION', ...what },
      },
    ],
    lookedUp,
  });

test('Why somebody looked at them is forgotten, of everybody whom that one request showed, also when an old backup brings it back', async () => {
  await readIn(told('c1', wang), told('c2', li));
  const [id, beside] = [await personOf('王小明'), await personOf('李大山')];
  await shown('org_centre', { personId: id });
  await rig.db.query(
    `insert into disclosure (at, request_id, subject, organisation_id, person_id, field_groups, link, reason_cipher)
     select at, request_id, subject, organisation_id, $1, field_groups, link, reason_cipher from disclosure`,
    [beside],
  );
  const kept = await rig.db.query<{ cipher: Buffer }>('select reason_cipher as cipher from disclosure');
  expect(kept.map(({ cipher }) => openReason(rig.keyring, 'req_1', cipher))).toEqual(
    Array(2).fill('核实王小明被打一事'),
  );
  await erase(id);
  const left = () => rig.db.query('select from disclosure where reason_cipher is not null or reason is not null');
  expect(await left()).toEqual([]);
  await rig.db.query('update disclosure set reason_cipher = $1', [kept[0]?.cipher]);
  await emptyErased(rig.db);
  expect(await left()).toEqual([]);
});

test('Why one request looked at them is forgotten of every part of its answer, whenever each was written down', async () => {
  await readIn(told('c1', wang), told('c2', li));
  const [id, beside] = [await personOf('王小明'), await personOf('李大山')];
  await shown('org_centre', { personId: id });
  rig.clock.advance(300);
  await shown('org_centre', { personId: beside });
  await erase(id);
  expect(await rig.db.query('select person_id from disclosure where reason_cipher is not null')).toEqual([]);
});

test('Why somebody looked at their record is forgotten, though nobody was resolved from it', async () => {
  await readIn(told('c1', wang));
  const { id: recordId } = await rig.db.one<{ id: string }>('select id from record');
  await shown('org_centre', { recordId });
  rig.clock.advance(SIX_YEARS);
  await erase(await personOf('王小明'));
  expect(await rig.db.query('select record_id from disclosure where reason_cipher is not null')).toEqual([]);
});

test('What a record or a dispute showed of them to another organisation holds them, though nobody was resolved', async () => {
  await readIn(told('c1', wang, li));
  const id = await personOf('王小明');
  const record = await rig.db.one<{ id: string }>('select id from record');
  await shown('org_station', { recordId: record.id });
  await expect(erase(id)).rejects.toMatchObject({ details: { holds: [{ reason: 'PROVISION_RECORD', count: 1 }] } });
  rig.clock.advance(SIX_YEARS);
  expect(await erase(id)).toMatchObject({ erased: true });
});

test('The hash of their number is nowhere any more, unless it is somebody else’s as well', async () => {
  const child = participant('3', { name: '王小宝', citizenId: citizenId(1), birthDate: '2015-06-01' });
  await readIn(told('c1', wang));
  const hashOf = `select encode(citizen_id_hash, 'hex') as hash from mention where citizen_id_hash is not null limit 1`;
  const { hash } = await rig.db.one<{ hash: string }>(hashOf);
  await shown('org_centre', { personId: await personOf('王小明') }, [hash]);
  const found = () => rig.db.query('select from audit_entry where $1 = any (about)', [hash]);
  expect(await found()).toHaveLength(1);
  await readIn(told('c2', child));
  const [mother, hers] = [await personOf('王小明'), await personOf('王小宝')];
  await erase(mother);
  expect(hers).not.toBe(mother);
  expect(await found()).toHaveLength(1);
  await erase(hers);
  expect(await found()).toHaveLength(0);
});

test('The hash is nowhere either when its entry is given its place in the log at that moment', async () => {
  await readIn(told('c1', wang));
  const hashOf = `select encode(citizen_id_hash, 'hex') as hash from mention where citizen_id_hash is not null limit 1`;
  const { hash } = await rig.db.one<{ hash: string }>(hashOf);
  const person = await personOf('王小明');
  await shown('org_centre', { personId: person }, [hash]);
  await foundLog(rig.db, 'example/log', rig.clock.wall());
  let erasing: Promise<unknown> = Promise.resolve();
  const slow: Db = {
    ...rig.db,
    tx: (fn, options) =>
      rig.db.tx(async (tx) => {
        const done = await fn(tx);
        erasing = erase(person);
        await somebodyWaits(rig.db);
        return done;
      }, options),
  };
  await sequenceRound(slow, rig.clock.wall());
  expect(await erasing).toMatchObject({ erased: true });
  expect(await rig.db.query('select from audit_entry where $1 = any (about)', [hash])).toEqual([]);
  expect(await rig.db.query('select from audit_about where about = $1', [hash])).toEqual([]);
});

const closedDispute = (): Promise<string> =>
  rig.db.tx(async (tx) => {
    const desk = { keyring: rig.keyring, now: rig.clock.wall(), organisationId: 'org_centre', subject: 'op-1' };
    const input: OpenDispute = {
      ...{ title: '王小明与楼上漏水', description: '三个月', category: 'NEIGHBOUR', channel: 'WALK_IN' },
      ...{ urgency: 'ROUTINE', placeId: 'org_place', allowDuplicate: true },
      parties: [{ name: '王小明', role: 'APPLICANT' }],
    };
    const result = await openDispute(tx, desk, input, async () => new Map());
    if (result.status !== 'OPENED') throw new Error('not opened');
    await tx.query(`update dispute set stage = 'CLOSED', resolved_at = $1`, [rig.clock.wall()]);
    return result.disputeId;
  });

const titleOf = async (dispute: string): Promise<string | null> => {
  const row = await rig.db.one<{ cipher: Buffer; wrapped: Buffer | null }>(
    'select d.title_cipher as cipher, k.wrapped from dispute d left join data_key k on k.id = d.id where d.id = $1',
    [dispute],
  );
  return openText(rig.keyring, { id: dispute, wrapped: row.wrapped }, 'title', row.cipher);
};

test('The words of matters that name them go with them once nothing holds them, whether or not anybody removed them', async () => {
  const dispute = await closedDispute();
  rig.clock.advance(SIX_YEARS);
  expect(await titleOf(dispute)).toBe('王小明与楼上漏水');
  await erase(await personOf('王小明'));
  expect(await titleOf(dispute)).toBeNull();
});

test('So do the papers that were still to come, as they were typed', async () => {
  await closedDispute();
  await rig.db.query(`update dispute set missing_documents = '{王小明身份证复印件}'`);
  rig.clock.advance(SIX_YEARS);
  await erase(await personOf('王小明'));
  expect(await rig.db.query('select missing_documents as papers from dispute')).toEqual([{ papers: [] }]);
});

test('So does why a record of theirs was taken out of somebody else’s matter', async () => {
  const dispute = await closedDispute();
  await rig.db.query(
    `insert into dispute (id, number, title_cipher, category, channels, opened_at) values ('dsp_other', 'x', '', 'OTHER', '{}', now())`,
  );
  await rig.db.query(
    `insert into dispute_record (dispute_id, record_id, rule, linked_by, linked_at, unlinked_at, unlinked_by, unlink_reason, unlink_reason_cipher)
     select 'dsp_other', record_id, 'DESK', 'op-1', linked_at, linked_at, 'op-1', 'DESK', '\\x01' from dispute_record where dispute_id = $1`,
    [dispute],
  );
  rig.clock.advance(SIX_YEARS);
  await erase(await personOf('王小明'));
  expect(await rig.db.query('select dispute_id from dispute_record where unlink_reason_cipher is not null')).toEqual(
    [],
  );
});

test('A matter that is opened again while the erasure waits for it holds them, and keeps its words', async () => {
  const dispute = await closedDispute();
  rig.clock.advance(SIX_YEARS);
  const person = await personOf('王小明');
  let erasing: Promise<unknown> = Promise.resolve();
  await rig.db.tx(async (tx) => {
    await tx.query(`update dispute set stage = 'IN_PROGRESS', resolved_at = null where id = $1`, [dispute]);
    erasing = erase(person);
    erasing.catch(() => undefined);
    await somebodyWaits(rig.db);
  });
  await expect(erasing).rejects.toMatchObject({ code: 'CONFLICT', details: { holds: [{ reason: 'OPEN_DISPUTE' }] } });
  expect(await titleOf(dispute)).toBe('王小明与楼上漏水');
});

test('A county whose rules set closed matters no time erases nobody who is named in one, and is told which rule is missing', async () => {
  await closedDispute();
  rig.clock.advance(SIX_YEARS);
  const without = createRules(rules.all.filter(({ id }) => id !== 'retention.closed-words'));
  await expect(erase(await personOf('王小明'), {}, without)).rejects.toThrow(/add retention\.closed-words/);
});
