/** Roles and purposes: domain rules 2 and 5, as the wrong caller. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PURPOSES, type Purpose, type Role } from '../../core/access/caller.ts';
import { citizenId, participant, record } from '../kit/paper-department.ts';
import { openOffice, referredBy, type Answer, type Office } from './office.ts';

const NUMBER = citizenId(1);
const STRANGER = citizenId(2);
let office: Office;
let dispute: string;
beforeAll(async () => {
  office = await openOffice();
  const known = participant('1', { citizenId: NUMBER, phone: '13800000001' });
  const of = { category: 'NEIGHBOUR', place: 'place', participants: [known] };
  office.police.put(
    record('POLICE', 'p1', { ...of, office: 'station' }),
    record('POLICE', 'p2', { ...of, office: 'station', classified: true, at: '2026-02-01T00:00:00.000Z' }),
    // No dispute: nobody but the station has anything to do with it.
    record('POLICE', 'p3', {
      office: 'station',
      participants: [participant('1', { name: '何守田', citizenId: STRANGER })],
    }),
    record('POLICE', 'p4', {
      ...{ office: 'station', sealed: true, at: '2026-02-02T00:00:00.000Z' },
      participants: [participant('1', { name: '何守田', citizenId: STRANGER })],
    }),
  );
  await office.readIn.read('POLICE');
  ({ id: dispute } = await office.db.one<{ id: string }>(
    `select dispute_id as id from dispute_record l join record r on r.id = l.record_id where not r.classified and r.category is not null`,
  ));
  await referredBy(office, await office.who('centre', 'centre.operator'), { dispute, lead: 'org_housing' });
});
afterAll(() => office.drop());

const PERSON = `query ($number: String!) { personByCitizenId(number: $number) {
  id name sex birthDate citizenId phones records { source key } } }`;

describe('An auditor', () => {
  test('is shown that somebody is there and by which records, not who they are', async () => {
    const { personByCitizenId } = await office.must<{ personByCitizenId: object }>(
      await office.who('centre', 'auditor', { reason: '年度审计' }),
      PERSON,
      { number: NUMBER },
    );
    expect(personByCitizenId).toMatchObject({
      ...{ name: '王**', sex: 'UNKNOWN', birthDate: null, phones: ['138****0001'] },
      records: [{ source: 'POLICE', key: 'p1' }],
    });
    expect(JSON.stringify(personByCitizenId)).not.toContain(NUMBER);
  });

  test('is shown a dispute by its category, and its parties masked', async () => {
    const answer = await office.must(
      await office.who('centre', 'auditor'),
      'query ($id: ID!) { dispute(id: $id) { title address parties { name } } }',
      { id: dispute },
    );
    expect(answer).toEqual({ dispute: { title: '邻里纠纷', address: null, parties: [{ name: '王**' }] } });
  });

  test('is granted nothing of what departments’ records say', async () => {
    const auditor = await office.who('centre', 'auditor');
    const { personByCitizenId } = await office.must<{ personByCitizenId: { id: string } }>(auditor, PERSON, {
      number: NUMBER,
    });
    const entities = await office.registry.entities(auditor, [{ __typename: 'Person', id: personByCitizenId.id }]);
    expect(entities).toMatchObject([{ refused: 'ROLE', records: [], withheld: 0 }]);
    const operator = await office.who('centre', 'centre.operator');
    const granted = await office.registry.entities(operator, [{ __typename: 'Person', id: personByCitizenId.id }]);
    expect(granted).toMatchObject([{ refused: null, records: [{ key: 'p1' }], withheld: 1 }]);
  });
});

test('An auditor’s timeline has no link to what a record says', async () => {
  const TIMELINE = 'query ($id: ID!) { dispute(id: $id) { timeline { nodes { kind policeIncident { id } } } } }';
  const linked = async (role: Role): Promise<number> => {
    const { dispute: shown } = await office.must<{
      dispute: { timeline: { nodes: { policeIncident: object | null }[] } };
    }>(await office.who('centre', role), TIMELINE, { id: dispute });
    return shown.timeline.nodes.filter(({ policeIncident }) => policeIncident !== null).length;
  };
  expect(await linked('auditor')).toBe(0);
  expect(await linked('centre.operator')).toBe(1);
});

describe('An analyst', () => {
  test.each([
    ['{ dispute(id: "ID") { id } }', { dispute: null }],
    ['{ disputes { nodes { id } totalCount } }', { disputes: { nodes: [], totalCount: null } }],
    ['{ referrals { nodes { id } } }', { referrals: { nodes: [] } }],
    ['{ webhookDeliveries { nodes { id } } }', { webhookDeliveries: { nodes: [] } }],
    ['{ webhookEndpoints { id } }', { webhookEndpoints: [] }],
  ])('of the centre is shown nothing of any one matter: %s', async (query, nothing) => {
    expect(await office.must(await office.who('centre', 'analyst'), query.replace('ID', dispute))).toEqual(nothing);
  });

  test('is refused every purpose', async () => {
    for (const purpose of [...PURPOSES, null]) {
      const analyst = await office.who('centre', 'analyst', { purpose, reason: '统计' });
      const { errors } = await office.ask(analyst, PERSON, { number: NUMBER });
      expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT', details: { field: 'x-purpose' } }]);
    }
  });
});

describe('A department’s system', () => {
  test('reads what its referral is about, and looks for nobody', async () => {
    const system = await office.who('housing', 'department.system', { reason: '同步' });
    const { dispute: read } = await office.must<{ dispute: { parties: { person: object }[] } }>(
      system,
      'query ($id: ID!) { dispute(id: $id) { parties { person { name citizenId } } } }',
      { id: dispute },
    );
    expect(read.parties).toEqual([
      { person: { name: '王小明', citizenId: `${NUMBER.slice(0, 4)}**********${NUMBER.slice(-4)}` } },
    ]);
    expect(
      (await office.must<{ personByCitizenId: unknown }>(system, PERSON, { number: NUMBER })).personByCitizenId,
    ).toBeNull();
    const { persons } = await office.must<{ persons: { nodes: unknown[] } }>(
      system,
      '{ persons(filter: { name: "王小明" }) { nodes { id } } }',
    );
    expect(persons.nodes).toEqual([]);
  });

  test('of the centre has the centre’s endpoints, not everybody’s', async () => {
    const register = (
      org: string,
      key: string,
    ) => `mutation { registerWebhookEndpoint(idempotencyKey: "${key}", input: {
      organisation: "org_${org}", url: "https://8.8.8.8/${key}", types: ["referral.*"] }) { endpoint { id } } }`;
    await office.must(await office.who('station', 'department.head'), register('station', 'station'));
    const system = await office.who('centre', 'department.system');
    await office.must(system, register('centre', 'centre'));
    expect((await office.ask(system, register('station', 'foreign'))).errors).toMatchObject([{ code: 'NOT_FOUND' }]);
    const { webhookEndpoints } = await office.must<{ webhookEndpoints: { url: string }[] }>(
      system,
      '{ webhookEndpoints { url } }',
    );
    expect(webhookEndpoints).toEqual([{ url: 'https://8.8.8.8/centre' }]);
  });
});

describe('A purpose', () => {
  const asks = async (code: string, role: Role, purpose: Purpose) =>
    office.ask(await office.who(code, role, { purpose }), PERSON, { number: NUMBER });

  test.each([
    ['housing', 'department.handler', 'policing'],
    ['housing', 'department.handler', 'litigation'],
    ['station', 'department.handler', 'litigation'],
    ['court', 'department.handler', 'policing'],
    ['station', 'department.handler', 'audit'],
    ['station', 'department.handler', 'supervision'],
    ['centre', 'centre.operator', 'policing'],
    ['centre', 'centre.operator', 'audit'],
    ['centre', 'auditor', 'mediation'],
    ['counselling', 'department.handler', 'petition'],
  ] as const)('is refused clearly where it is not theirs: %s as %s for %s', async (code, role, purpose) => {
    const { data, errors } = await asks(code, role, purpose);
    expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT', details: { field: 'x-purpose' } }]);
    expect(data).toEqual({ personByCitizenId: null });
  });

  test.each([
    ['station', 'department.handler', 'policing'],
    ['court', 'department.handler', 'litigation'],
    ['centre', 'centre.operator', 'supervision'],
    ['centre', 'auditor', 'audit'],
    ['counselling', 'department.handler', 'assistance'],
  ] as const)('is taken where it is: %s as %s for %s', async (code, role, purpose) => {
    expect((await asks(code, role, purpose)).errors).toEqual([]);
  });
});

describe('Supervision without a link', () => {
  /** By no link but supervision: the gateway puts that before the auditors (core/audit/disclosure-writer.test.ts). */
  const glass = ({ links }: Answer<unknown>): string[] =>
    [...links].flatMap(([person, link]) => (link === 'SUPERVISION' ? [person] : []));
  const supervisor = (more: object = {}, code = 'centre') =>
    office.who(code, 'centre.supervisor', { purpose: 'supervision', reason: '邻居反映长期无人照料', ...more });

  test('is what it is by: it opens no seal', async () => {
    const answer = await office.ask<{ personByCitizenId: { id: string; records: unknown[] } }>(
      await supervisor(),
      PERSON,
      {
        number: STRANGER,
      },
    );
    expect(answer.data.personByCitizenId.records).toHaveLength(1);
    expect(glass(answer)).toEqual([answer.data.personByCitizenId.id]);
  });

  test('opens no accusation to whoever has no link to it', async () => {
    const petitioner = citizenId(3);
    office.petitions.put({
      ...record('PETITIONS', 'a', {
        ...{ office: 'petitions', accused: ['street'] },
        participants: [participant('1', { name: '周正言', citizenId: petitioner })],
      }),
      ...{ kind: 'PETITION', purpose: 'ACCUSATION', form: 'LETTER', collective: false },
    });
    await office.readIn.read('PETITIONS');
    expect(await office.must(await supervisor(), PERSON, { number: petitioner })).toEqual({ personByCitizenId: null });
    const holder = await office.who('petitions', 'department.handler', { purpose: 'petition' });
    expect(await office.must(holder, PERSON, { number: petitioner })).toMatchObject({
      personByCitizenId: { records: [{ source: 'PETITIONS' }] },
    });
  });

  test('is for the county’s centre, with that purpose and a reason, and for nobody else', async () => {
    for (const who of [
      await supervisor({ reason: null }),
      await supervisor({ purpose: 'mediation' }),
      await supervisor({}, 'street-centre'),
      await supervisor({}, 'housing'),
      await office.who('centre', 'centre.operator', { purpose: 'supervision', reason: '督查' }),
      await office.who('housing', 'department.head', { purpose: 'supervision', reason: '督查' }),
    ]) {
      const answer = await office.ask<{ personByCitizenId: unknown }>(who, PERSON, { number: STRANGER });
      expect(answer).toMatchObject({ data: { personByCitizenId: null }, errors: [] });
      expect(glass(answer)).toEqual([]);
    }
  });

  test('is put before the auditors when only the list of disclosures is asked for, too', async () => {
    const { personByCitizenId } = await office.must<{ personByCitizenId: { id: string } }>(await supervisor(), PERSON, {
      number: STRANGER,
    });
    const LIST = 'query ($id: ID!) { disclosures(person: $id) { nodes { at } } }';
    await office.must(await supervisor(), LIST, { id: personByCitizenId.id });
    expect(
      await office.db.query(`select kind from audit_entry where kind = 'access.broken-glass' and about = $1`, [
        [personByCitizenId.id],
      ]),
    ).toHaveLength(1);
  });

  test('is not written down of whom the centre knows by a dispute', async () => {
    expect(glass(await office.ask(await supervisor(), PERSON, { number: NUMBER }))).toEqual([]);
  });
});
