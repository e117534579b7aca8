import { afterEach, beforeEach, expect, test } from 'vitest';
import { createIndexRig, type IndexRig } from '../../test/kit/index-rig.ts';
import { citizenId, participant, record } from '../../test/kit/paper-department.ts';
import type { AppError } from '../platform/errors.ts';
import { addParty } from './add-party.ts';
import type { DeskContext } from './desk-record.ts';
import { openMissingDocuments, openText } from './dispute-text.ts';
import { linkRecord, unlinkRecord } from './link-record.ts';
import { openDispute, type OpenDispute, type OpenedDispute } from './open-dispute.ts';

let rig: IndexRig;
let desk: DeskContext;
beforeEach(async () => {
  rig = await createIndexRig();
  desk = { keyring: rig.keyring, now: rig.clock.wall(), organisationId: 'org_centre', subject: 'op-1' };
});
afterEach(() => rig.drop());

const input = (fields: Partial<OpenDispute> = {}): OpenDispute => ({
  title: '楼上漏水',
  description: '楼上漏水三个月',
  category: 'NEIGHBOUR',
  channel: 'WALK_IN',
  urgency: 'ROUTINE',
  placeId: 'org_place',
  parties: [{ name: '王小明', role: 'APPLICANT', citizenId: citizenId(1), phone: '13800000001' }],
  allowDuplicate: false,
  ...fields,
});
/** Why records were linked with this dispute, and taken out of it, as said. */
async function reasons(id: string): Promise<(string | null)[]> {
  const rows = await rig.db.query<Record<'linked' | 'unlinked' | 'wrapped', Buffer | null> & { record: string }>(
    `select l.record_id as record, l.reason_cipher as linked, l.unlink_reason_cipher as unlinked, k.wrapped
     from dispute_record l join data_key k on k.id = l.dispute_id where l.dispute_id = $1 and l.reason_owner = $1`,
    [id],
  );
  return rows.flatMap(({ record: of, linked, unlinked, wrapped }) => [
    linked && openText(rig.keyring, { id, wrapped }, `link/${of}`, linked),
    unlinked && openText(rig.keyring, { id, wrapped }, `unlink/${of}`, unlinked),
  ]);
}

const open = (fields: Partial<OpenDispute> = {}, seen: 'all' | 'none' = 'all'): Promise<OpenedDispute> =>
  rig.db.tx((tx) =>
    openDispute(
      tx,
      desk,
      input(fields),
      async (ids) => new Map((seen === 'all' ? ids : []).map((id) => [id, { byPhone: true }])),
    ),
  );
const opened = async (fields: Partial<OpenDispute> = {}): Promise<string> => {
  const result = await open({ allowDuplicate: true, ...fields });
  if (result.status !== 'OPENED') throw new Error('not opened');
  return result.disputeId;
};
const refusal = (code: string, details: object): object => expect.objectContaining({ code, details }) as AppError;
const versionOf = async (id: string): Promise<number> =>
  (await rig.db.one<{ version: number }>('select version from dispute where id = $1', [id])).version;

test('A dispute opened at the desk has its number, its sealed words, its parties as persons, and is seen by the centre', async () => {
  rig.courts.put(record('COURTS', 'c1', { participants: [participant('1', { citizenId: citizenId(1) })] }));
  await rig.readIn.read('COURTS');
  const company = { name: '枫林物业', role: 'RESPONDENT', organisationId: 'org_court' } as const;
  const id = await opened({ address: '三号', parties: [...input().parties, company] });
  const row = await rig.db.one<{
    number: string;
    title_cipher: Buffer;
    address_cipher: Buffer;
    channels: string[];
    wrapped: Buffer;
  }>('select * from dispute join data_key using (id) where id = $1', [id]);
  expect(row).toMatchObject({ version: 1, channels: ['WALK_IN'], place_id: 'org_place', stage: 'OPEN' });
  expect(row.number).toMatch(/^D2026-\d{6}$/);
  expect(openText(rig.keyring, { id, wrapped: row.wrapped }, 'title', row.title_cipher)).toBe('楼上漏水');
  expect(openText(rig.keyring, { id, wrapped: row.wrapped }, 'address', row.address_cipher)).toBe('三号');
  const [desk1] = (await rig.people()).filter((part) => part.includes('COURTS/c1/1'));
  expect(desk1).toMatch(/^CENTRE\/rec_\w+\/1 COURTS\/c1\/1$/);
  expect(await rig.db.query('select organisation_id from visible')).toEqual([{ organisation_id: 'org_centre' }]);
});

test('A likely duplicate comes back instead of a second dispute, unless it is asked for or may not be seen', async () => {
  const first = await opened();
  expect(await open()).toMatchObject({ status: 'DUPLICATES', disputeIds: [first] });
  const byPhone = { parties: [{ name: '王 小明', role: 'APPLICANT', phone: '+86 13800000001' }] } as const;
  expect(await open(byPhone)).toMatchObject({ status: 'DUPLICATES', disputeIds: [first] });
  expect(await open({ parties: [{ name: '王小明', role: 'APPLICANT' }] })).toMatchObject({ status: 'OPENED' });
  expect(await open({ category: 'LENDING' })).toMatchObject({ status: 'OPENED' });
  expect(await open({}, 'none')).toMatchObject({ status: 'OPENED' });
  expect(await open({ allowDuplicate: true })).toMatchObject({ status: 'OPENED' });
});

test.each([
  ['input.title', { title: ' ' }],
  ['input.category', { category: 'NOISE' }],
  ['input.place', { placeId: 'org_nowhere' }],
  ['input.parties', { parties: [] }],
  ['input.parties.0.citizenId', { parties: [{ name: '王', role: 'APPLICANT', citizenId: '110105194912310021' }] }],
  ['input.parties.0.organisation', { parties: [{ name: '某', role: 'APPLICANT', organisationId: 'org_x' }] }],
  ['input.accused', { petitionPurpose: 'ACCUSATION', accusedIds: Array.from({ length: 101 }, () => 'org_x') }],
  ['input.title', { title: '漏'.repeat(301) }],
  ['input.description', { description: '漏'.repeat(10_001) }],
  ['input.missingDocuments.0', { missingDocuments: ['证'.repeat(301)] }],
  ['input.parties.0.name', { parties: [{ name: '王'.repeat(201), role: 'APPLICANT' }] }],
  ['input.accused', { accusedIds: ['org_x'] }],
  ['input.occurredAt', { occurredAt: new Date('2027-01-01') }],
] as const)(
  'A fault in %s is named by its field, without what stood there, and nothing is written',
  async (field, fault) => {
    await expect(open(fault as Partial<OpenDispute>)).rejects.toEqual(refusal('BAD_USER_INPUT', { field }));
    expect(await rig.db.query('select id from record')).toEqual([]);
  },
);

test('A party is added to the desk’s own record, at the version the caller has read', async () => {
  rig.courts.put(record('COURTS', 'c1', { category: 'NEIGHBOUR', office: 'court' }));
  await rig.readIn.read('COURTS');
  const { id } = await rig.db.one<{ id: string }>('select id from dispute', []);
  const party = { name: '李四', role: 'RESPONDENT' } as const;
  const add = (expectedVersion: number): Promise<unknown> =>
    rig.db.tx((tx) => addParty(tx, desk, { disputeId: id, expectedVersion, party }));
  expect(await add(1)).toEqual({ disputeId: id, version: 2 });
  expect(await add(2)).toEqual({ disputeId: id, version: 3 });
  await expect(add(2)).rejects.toEqual(refusal('CONFLICT', { currentVersion: 3 }));
  expect(await rig.disputes()).toEqual([expect.stringMatching(/^CENTRE\/rec_\w+ COURTS\/c1$/)]);
  expect(await rig.db.one('select channels, category from dispute', [])).toEqual({
    channels: ['COURT_PLATFORM'],
    category: 'NEIGHBOUR',
  });
  expect(await rig.people()).toHaveLength(2);
});

test('The papers that are missing are kept sealed, as everything that is typed of a dispute', async () => {
  const id = await opened({ missingDocuments: ['王小明的身份证', '房产证'] });
  const row = await rig.db.one<{ wrapped: Buffer; missingDocuments: string[]; missingDocumentsCipher: Buffer }>(
    `select k.wrapped, d.missing_documents as "missingDocuments", d.missing_documents_cipher as "missingDocumentsCipher"
     from dispute d join data_key k on k.id = d.id where d.id = $1`,
    [id],
  );
  expect(row.missingDocuments).toEqual([]);
  expect(openMissingDocuments(rig.keyring, { id, ...row })).toEqual(['王小明的身份证', '房产证']);
});

test('A record is linked with its own little dispute, taken out again, and stays out when it is read again', async () => {
  const id = await opened();
  const incident = { category: 'NEIGHBOUR', office: 'station', references: [{ source: 'CENTRE', number: 'none' }] };
  rig.police.put(record('POLICE', 'p1', incident));
  await rig.readIn.read('POLICE');
  const own = await rig.db.one<{ id: string }>(
    `select dispute_id as id from dispute_record l join record r on r.id = l.record_id where r.source = 'POLICE'`,
    [],
  );
  const link = { disputeId: id, expectedVersion: 1, record: { source: 'POLICE', key: 'p1' }, reason: '同一漏水' };
  expect(await rig.db.tx((tx) => linkRecord(tx, desk, link))).toEqual({ disputeId: id, version: 2 });
  expect(await rig.db.one('select survivor_id from dispute where id = $1', [own.id])).toEqual({ survivor_id: id });
  expect(await rig.db.query('select organisation_id as o from visible where dispute_id = $1 order by 1', [id])).toEqual(
    [{ o: 'org_centre' }, { o: 'org_station' }],
  );
  await expect(rig.db.tx((tx) => linkRecord(tx, desk, { ...link, expectedVersion: 2 }))).rejects.toEqual(
    refusal('BAD_USER_INPUT', { field: 'input.record' }),
  );

  const { number } = await rig.db.one<{ number: string }>('select number from dispute where id = $1', [id]);
  rig.police.put(record('POLICE', 'p1', { ...incident, references: [{ source: 'CENTRE', number }] }));
  await rig.readIn.read('POLICE');
  const out = { ...link, expectedVersion: 2, reason: '另一户' };
  expect(await rig.db.tx((tx) => unlinkRecord(tx, desk, out))).toEqual({ disputeId: id, version: 3 });
  const apart = await rig.disputes();
  expect(apart).toContain('POLICE/p1');
  rig.police.put(record('POLICE', 'p1', { ...incident, place: 'place', references: [{ source: 'CENTRE', number }] }));
  await rig.readIn.read('POLICE');
  expect(await rig.disputes()).toEqual(apart);
  expect(
    await rig.db.query(`select unlinked_by, unlink_reason from dispute_record where unlinked_by = 'op-1'`),
  ).toEqual([{ unlinked_by: 'op-1', unlink_reason: 'DESK' }]);
  expect(await reasons(id)).toEqual(['同一漏水', '另一户']);
  expect(await versionOf(id)).toBe(3);
});

test('A record of another dispute in hand, one that is not there, and a dispute’s last record are refused', async () => {
  const [one, two] = [await opened(), await opened()];
  rig.police.put(record('POLICE', 'p1', { category: 'NEIGHBOUR' }));
  await rig.readIn.read('POLICE');
  const link = { disputeId: one, expectedVersion: 1, record: { source: 'POLICE', key: 'p1' }, reason: '同一' };
  await rig.db.tx((tx) => linkRecord(tx, desk, link));
  const attempt = (fields: object): Promise<unknown> => rig.db.tx((tx) => linkRecord(tx, desk, { ...link, ...fields }));
  await expect(attempt({ disputeId: two })).rejects.toEqual(refusal('BAD_USER_INPUT', { field: 'input.record' }));
  await expect(attempt({ disputeId: two, record: { source: 'POLICE', key: 'p9' } })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  await expect(attempt({ disputeId: 'dsp_none' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(attempt({ disputeId: two, reason: ' ' })).rejects.toEqual(
    refusal('BAD_USER_INPUT', { field: 'input.reason' }),
  );
  const { key } = await rig.db.one<{ key: string }>(
    'select record_id as key from dispute_record where dispute_id = $1',
    [two],
  );
  await expect(
    rig.db.tx((tx) => unlinkRecord(tx, desk, { ...link, disputeId: two, record: { source: 'CENTRE', key } })),
  ).rejects.toEqual(refusal('BAD_USER_INPUT', { field: 'input.record' }));
});

test('An accusation is not taken by those it is against, nor by those under them, and says whom it is against', async () => {
  const accusing = (accusedIds: string[]) => open({ petitionPurpose: 'ACCUSATION', accusedIds });
  for (const accused of ['org_centre', 'org_county'])
    await expect(accusing([accused])).rejects.toEqual(expect.objectContaining({ code: 'ROUTING_FORBIDDEN' }));
  await expect(accusing([])).rejects.toEqual(refusal('BAD_USER_INPUT', { field: 'input.accused' }));
  await expect(open({ accusedIds: ['org_court'] })).rejects.toEqual(
    refusal('BAD_USER_INPUT', { field: 'input.accused' }),
  );
  expect(await accusing(['org_court'])).toMatchObject({ status: 'OPENED' });
});
