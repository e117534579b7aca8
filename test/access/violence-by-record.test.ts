/** Domain rule 7 where a record tells of the violence, and the dispute was taken down as something else. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DepartmentRecord } from '../../core/department-record.ts';
import { gatherDisputes } from '../../core/disputes/gather-disputes.ts';
import { createReadIn } from '../../core/people/read-in.ts';
import { silentLog } from '../kit/index-rig.ts';
import { citizenId, createPaperDepartment, participant, record } from '../kit/paper-department.ts';
import { actOn } from './act.ts';
import { openedBy, openOffice, referredBy, type Office } from './office.ts';

const HER = citizenId(1);
const her = participant('her', { role: 'VICTIM', name: '林桂香', citizenId: HER, phone: '13700000001' });
const relief = record('CIVIL_AFFAIRS', 'v1', {
  ...{ kind: 'TEMPORARY_RELIEF', office: 'civil-affairs' },
  participants: [participant('1', { role: 'APPLICANT', name: '林桂香', citizenId: HER })],
  references: [{ source: 'POLICE', number: 'POLICE-p1' }],
});

let office: Office;
beforeEach(async () => {
  office = await openOffice();
  office.police.put(
    record('POLICE', 'p1', {
      ...{ category: 'DOMESTIC_VIOLENCE', kind: 'DOMESTIC_VIOLENCE', office: 'station', place: 'place' },
      participants: [her],
    }),
  );
  await office.readIn.read('POLICE');
});
afterEach(() => office.drop());

async function readCivilAffairs(...records: readonly DepartmentRecord[]): Promise<void> {
  const civil = createPaperDepartment('CIVIL_AFFAIRS');
  const { db, keyring, clock } = office;
  const reader = createReadIn({
    ...{ db, keyring, clock, departments: [civil], log: silentLog, gatherDisputes },
    hasBasis: () => Promise.resolve(true),
  });
  // Of a first load nobody is told.
  civil.put(record('CIVIL_AFFAIRS', 'v0', { kind: 'MARRIAGE', office: 'civil-affairs' }));
  await reader.read('CIVIL_AFFAIRS');
  civil.put(...records);
  await reader.read('CIVIL_AFFAIRS');
}

/** A quarrel in the family, taken down at the station's desk, which then links its own report of violence. */
async function quarrel(...parties: readonly object[]): Promise<string> {
  const station = await office.who('station', 'department.head');
  const dispute = await openedBy(office, station, {
    ...{ category: 'FAMILY', title: '夫妻吵架' },
    parties: parties.length > 0 ? parties : [{ name: '林桂香', role: 'APPLICANT', citizenId: HER }],
  });
  await office.must(
    station,
    'mutation ($i: LinkRecordInput!, $k: String!) { linkRecord(input: $i, idempotencyKey: $k) { dispute { id } } }',
    {
      i: { dispute, expectedVersion: 1, record: { source: 'POLICE', key: 'p1' }, reason: '同一件事' },
      k: randomUUID(),
    },
  );
  return dispute;
}

describe('Whoever does not serve her', () => {
  const SHOWN = 'query ($id: ID!) { dispute(id: $id) { title place { id } } }';

  test('is not told where it is, nor what it was called at the desk', async () => {
    const id = await quarrel();
    const centre = await office.who('centre', 'centre.operator');
    expect(await office.must(centre, SHOWN, { id })).toEqual({ dispute: { title: '家庭纠纷', place: null } });
    expect(await office.must(await office.who('station'), SHOWN, { id })).toEqual({
      dispute: { title: '夫妻吵架', place: { id: 'org_place' } },
    });
  });

  test('is not told what was said, nor how she was told', async () => {
    const dispute = await quarrel();
    const station = await office.who('station', 'department.head');
    const id = await referredBy(office, station, {
      dispute,
      lead: 'org_womens-federation',
      assisting: ['org_housing'],
    });
    const federation = await office.who('womens-federation', 'department.head');
    await actOn(office, federation, 'acceptReferral', id, { note: '已约在庇护所' });
    await actOn(office, federation, 'reportProgress', id, { note: '在庇护所见面' });
    await actOn(office, federation, 'submitFeedback', id, {
      ...{ outcome: 'SUPPORTED', text: '安置在庇护所' },
      partiesInformed: [{ party: '林桂香', how: '打 13700000001', at: '2026-03-09T00:00:00Z' }],
    });
    const WORDS =
      'query ($id: ID!) { referral(id: $id) { feedback { text partiesInformed { party how at } } events { note } } }';
    for (const who of [await office.who('housing'), await office.who('centre', 'centre.operator')])
      expect(JSON.stringify(await office.must(who, WORDS, { id }))).not.toMatch(/13700000001|庇护所/);
    expect(JSON.stringify(await office.must(federation, WORDS, { id }))).toMatch(
      /庇护所.*13700000001|13700000001.*庇护所/,
    );
  });

  test('is not told what civil affairs did in it', async () => {
    const id = await quarrel();
    await readCivilAffairs(relief);
    const SOURCES = 'query ($id: ID!) { dispute(id: $id) { records { source } } }';
    const station = await office.who('station');
    expect(JSON.stringify(await office.must(station, SOURCES, { id }))).toContain('CIVIL_AFFAIRS');
    const centre = await office.who('centre', 'centre.operator');
    expect(JSON.stringify(await office.must(centre, SOURCES, { id }))).not.toContain('CIVIL_AFFAIRS');
  });

  test('is not told who reported it, though that was taken down as something else', async () => {
    const dispute = await quarrel(
      { name: '林桂香', role: 'APPLICANT', citizenId: HER },
      { name: '钱知情', role: 'REPORTER' },
    );
    const station = await office.who('station', 'department.head');
    await referredBy(office, station, { dispute, lead: 'org_housing' });
    const PARTIES = 'query ($id: ID!) { dispute(id: $id) { parties { name role } } }';
    const seenBy = async (code: string): Promise<string> =>
      JSON.stringify(await office.must(await office.who(code), PARTIES, { id: dispute }));
    expect(await seenBy('housing')).not.toContain('钱知情');
    expect(await seenBy('station')).toContain('钱知情');
  });

  test('has no telephone of whoever is added as a party to it', async () => {
    const dispute = await quarrel({ name: '王强', role: 'RESPONDENT' });
    await referredBy(office, await office.who('station', 'department.head'), { dispute, lead: 'org_community' });
    const community = await office.who('community', 'department.handler', { reason: '联系' });
    await office.must(
      community,
      `mutation ($d: ID!) { addParty(dispute: $d, expectedVersion: 2, idempotencyKey: "a",
        party: { name: "林桂香", role: VICTIM, phone: "13700000009" }) { replayed } }`,
      { d: dispute },
    );
    const PHONES = 'query ($id: ID!) { dispute(id: $id) { parties { name person { phones } } } }';
    expect(JSON.stringify(await office.must(community, PHONES, { id: dispute }))).toContain('13700000009');
    const centre = await office.who('centre', 'centre.operator', { reason: '联系' });
    expect(JSON.stringify(await office.must(centre, PHONES, { id: dispute }))).not.toContain('13700000009');
  });
});

test('That civil affairs did something in a matter of violence is told by webhook to civil affairs alone', async () => {
  const register = async (code: string, role: 'centre.supervisor' | 'department.head'): Promise<void> => {
    await office.must(
      await office.who(code, role),
      `mutation { registerWebhookEndpoint(idempotencyKey: "e", input: { organisation: "org_${code}",
        url: "https://8.8.8.8/${code}", types: ["*"] }) { endpoint { id } } }`,
    );
  };
  await register('centre', 'centre.supervisor');
  for (const code of ['station', 'civil-affairs']) await register(code, 'department.head');
  await readCivilAffairs(relief);
  await office.dispatch();
  const told = await office.db.query(
    `select e.organisation_id as organisation, d.type from delivery d join webhook_endpoint e on e.id = d.endpoint_id
     where convert_from(d.body, 'UTF8') like '%CIVIL_AFFAIRS%'`,
  );
  expect(told).toEqual([{ organisation: 'org_civil-affairs', type: 'dispute.linked' }]);
});

test('It is not routed to mediators by itself', async () => {
  await office.db.query(
    `insert into organisation (id, code, name, level, kind, path, parent_id)
     values ('org_mediation', 'mediation', '调委会', 'COUNTY', 'MEDIATION_BODY', 'county/mediation/', 'org_county')`,
  );
  const id = await quarrel();
  const station = await office.who('station', 'department.head');
  const referral = await referredBy(office, station, { dispute: id, kind: 'DELEGATE_MEDIATION' });
  const { lead_id: lead } = await office.db.one<{ lead_id: string }>('select lead_id from referral where id = $1', [
    referral,
  ]);
  expect(lead).not.toBe('org_mediation');
});
