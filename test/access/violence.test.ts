/** Domain rule 7: whoever suffered violence at home is not found by it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Caller } from '../../core/access/caller.ts';
import { memoryAnchor, testSequencer } from '../kit/log-rig.ts';
import { citizenId, participant, record } from '../kit/paper-department.ts';
import { actOn } from './act.ts';
import { openedBy, openOffice, referredBy, type Office } from './office.ts';

const VICTIM = citizenId(1);
const NEIGHBOUR = citizenId(2);
const CALLER = citizenId(3);

let office: Office;
beforeEach(async () => {
  office = await openOffice();
});
afterEach(() => office.drop());

/** She has a quarrel with a neighbour as well, at the court, where her telephone is known. */
async function twoMatters(): Promise<{ readonly violence: string; readonly quarrel: string }> {
  office.courts.put(
    record('COURTS', 'c1', {
      ...{ office: 'court', category: 'NEIGHBOUR', place: 'place' },
      participants: [
        participant('1', { role: 'plaintiff', name: '林桂香', citizenId: VICTIM, phone: '13900000001' }),
        participant('2', { role: 'defendant', name: '何守田', citizenId: NEIGHBOUR, phone: '13900000002' }),
      ],
    }),
  );
  office.police.put(
    record('POLICE', 'p1', {
      ...{ office: 'station', category: 'DOMESTIC_VIOLENCE', kind: 'DOMESTIC_VIOLENCE', place: 'place' },
      ...{ protected: true },
      participants: [
        participant('1', { role: 'victim', name: '林桂香', citizenId: VICTIM, phone: '13700000001' }),
        participant('2', { role: 'reporter', name: '钱知情', citizenId: CALLER, phone: '13700000003' }),
      ],
    }),
  );
  await office.readIn.read('COURTS');
  await office.readIn.read('POLICE');
  const idOf = async (category: string): Promise<string> =>
    (await office.db.one<{ id: string }>('select id from dispute where category = $1', [category])).id;
  return { violence: await idOf('DOMESTIC_VIOLENCE'), quarrel: await idOf('NEIGHBOUR') };
}

const PERSON = `query ($number: String!) { personByCitizenId(number: $number) {
  phones records { source kind } disputes { nodes { id } totalCount } timeline { nodes { kind } totalCount } } }`;
interface Seen {
  readonly personByCitizenId: {
    readonly phones: readonly string[];
    readonly records: readonly { readonly source: string }[];
    readonly disputes: { readonly totalCount: number };
    readonly timeline: { readonly totalCount: number };
  } | null;
}
const look = async (caller: Caller, number = VICTIM): Promise<Seen['personByCitizenId']> =>
  (await office.must<Seen>(caller, PERSON, { number })).personByCitizenId;

const handles = async (code: string, dispute: string): Promise<Caller> => {
  await referredBy(office, await office.who('centre', 'centre.operator'), { dispute, lead: `org_${code}` });
  return office.who(code, 'department.handler', { reason: '联系当事人' });
};

describe('Who handles another matter of hers', () => {
  test('knows nothing of the violence, and no telephone but what it took down itself', async () => {
    const { quarrel } = await twoMatters();
    const housing = await handles('housing', quarrel);
    expect(await look(housing)).toMatchObject({ phones: [], records: [{ source: 'COURTS' }] });
    expect(await look(housing)).toMatchObject({ disputes: { totalCount: 1 }, timeline: { totalCount: 3 } });
    expect((await look(housing, NEIGHBOUR))?.phones).toEqual(['13900000002']);
    const court = await office.who('court', 'department.handler', { reason: '送达', purpose: 'litigation' });
    expect((await look(court))?.phones).toEqual(['13900000001']);
  });

  test('does not find her by a telephone, though the court finds its own', async () => {
    const { quarrel } = await twoMatters();
    const housing = await handles('housing', quarrel);
    const PHONE = 'query ($phone: String!) { persons(filter: { phone: $phone }) { nodes { id } } }';
    const found = async (caller: Caller, phone: string): Promise<number> =>
      (await office.must<{ persons: { nodes: unknown[] } }>(caller, PHONE, { phone })).persons.nodes.length;
    expect(await found(housing, '13900000001')).toBe(0);
    expect(await found(housing, '13900000002')).toBe(1);
    expect(await found(await office.who('court'), '13900000001')).toBe(1);
  });

  test('is a court or the police, and still no party to the violence: it is absent for them too', async () => {
    const { violence } = await twoMatters();
    const court = await office.who('court');
    expect((await look(court))?.records).toEqual([{ source: 'COURTS', kind: 'DISPUTE' }]);
    const { dispute } = await office.must<{ dispute: unknown }>(court, 'query ($id: ID!) { dispute(id: $id) { id } }', {
      id: violence,
    });
    expect(dispute).toBeNull();
  });
});

describe('Who serves her on the case', () => {
  test.each(['court', 'womens-federation', 'community', 'civil-affairs'])('(%s) is shown it', async (code) => {
    const { violence } = await twoMatters();
    const serving = await handles(code, violence);
    const seen = await look(serving);
    expect(seen?.records.map(({ source }) => source)).toContain('POLICE');
    expect(seen?.phones).toContain('13700000001');
  });

  test.each(['housing', 'counselling'])(
    'but not whoever else handles it (%s): not where, not who, not her number',
    async (code) => {
      const { violence } = await twoMatters();
      const other = await handles(code, violence);
      const shown = await office.must<{ dispute: unknown }>(
        other,
        'query ($id: ID!) { dispute(id: $id) { title place { id } address parties { name } records { source } } }',
        { id: violence },
      );
      expect(shown.dispute).toEqual({ title: '家庭暴力', place: null, address: null, parties: [], records: [] });
      expect(await look(other)).toBeNull();
    },
  );

  test('who reported it is known to the station alone', async () => {
    const { violence } = await twoMatters();
    const federation = await handles('womens-federation', violence);
    const PARTIES = 'query ($id: ID!) { dispute(id: $id) { parties { name role } } }';
    expect(await office.must(federation, PARTIES, { id: violence })).toEqual({
      dispute: { parties: [{ name: '林桂香', role: 'VICTIM' }] },
    });
    expect(await look(federation, CALLER)).toBeNull();
    const { persons } = await office.must<{ persons: { nodes: unknown[] } }>(
      federation,
      '{ persons(filter: { name: "钱知情" }) { nodes { id } } }',
    );
    expect(persons.nodes).toEqual([]);
    const station = await office.who('station');
    expect(JSON.stringify(await office.must(station, PARTIES, { id: violence }))).toContain('钱知情');
  });
});

test('A dispute of violence is not found by where it is, except by who serves her', async () => {
  const { violence } = await twoMatters();
  const found = async (caller: Caller, filter: object): Promise<string[]> =>
    (
      await office.must<{ disputes: { nodes: { id: string }[] } }>(
        caller,
        'query ($filter: DisputeFilter) { disputes(filter: $filter) { nodes { id } } }',
        { filter },
      )
    ).disputes.nodes.map(({ id }) => id);
  const housing = await handles('housing', violence);
  expect(await found(housing, {})).toEqual([violence]);
  expect(await found(housing, { place: 'org_place' })).toEqual([]);
  expect(await found(housing, { text: '枫林' })).toEqual([]);
  const federation = await handles('womens-federation', violence);
  expect(await found(federation, { place: 'org_place' })).toEqual([violence]);
  expect(await found(federation, { text: '枫林' })).toEqual([violence]);
});

test('What is taken down at the desk is for that desk, and for who serves her', async () => {
  const centre = await office.who('centre', 'centre.operator');
  const dispute = await openedBy(office, centre, {
    ...{ title: '林桂香家暴', category: 'DOMESTIC_VIOLENCE', address: '枫林一里3幢', place: 'org_place' },
    parties: [
      { name: '林桂香', role: 'VICTIM', phone: '13700000001' },
      { name: '钱知情', role: 'REPORTER', phone: '13700000003' },
    ],
  });
  const SHOWN = 'query ($id: ID!) { dispute(id: $id) { title address place { code } parties { name } } }';
  expect(await office.must(centre, SHOWN, { id: dispute })).toEqual({
    dispute: {
      ...{ title: '林桂香家暴', address: '枫林一里3幢', place: { code: 'place' } },
      parties: [{ name: '林桂香' }, { name: '钱知情' }],
    },
  });
  const housing = await handles('housing', dispute);
  expect(await office.must(housing, SHOWN, { id: dispute })).toEqual({
    dispute: { title: '家庭暴力', address: null, place: null, parties: [] },
  });
  const station = await handles('station', dispute);
  expect(await office.must(station, SHOWN, { id: dispute })).toEqual({
    dispute: {
      ...{ title: '林桂香家暴', address: '枫林一里3幢', place: { code: 'place' } },
      parties: [{ name: '林桂香' }],
    },
  });
});

test('What civil affairs did in the matter is for who serves her, though it is an entry like others', async () => {
  const { violence } = await twoMatters();
  const housing = await handles('housing', violence);
  const federation = await handles('womens-federation', violence);
  await office.db.query(
    `insert into record (id, source, key_hash, key_cipher, number_hash, kind, occurred_at, office_id, sealed, classified, protected, channel, digest, first_seen_at, changed_at)
     values ('rec_relief', 'CIVIL_AFFAIRS', '\\x01', '\\x', '\\x', 'TEMPORARY_RELIEF', now(), 'org_civil-affairs', false, false, false, 'DEPARTMENT', '\\x', now(), now())`,
  );
  await office.db.query(
    `insert into dispute_record (dispute_id, record_id, rule, linked_by, linked_at) values ($1, 'rec_relief', 'CROSS_REFERENCE', 'rule', now())`,
    [violence],
  );
  const kinds = async (caller: Caller): Promise<string[]> =>
    (
      await office.must<{ dispute: { records: { kind: string }[] } }>(
        caller,
        'query ($id: ID!) { dispute(id: $id) { records { kind } } }',
        { id: violence },
      )
    ).dispute.records.map(({ kind }) => kind);
  expect(await kinds(housing)).toEqual([]);
  expect((await kinds(federation)).sort()).toEqual(['DOMESTIC_VIOLENCE', 'TEMPORARY_RELIEF']);
});

test('When she was visited, and how she was told, is for who serves her and for who did it', async () => {
  const { violence } = await twoMatters();
  const centre = await office.who('centre', 'centre.operator');
  const referral = await referredBy(office, centre, {
    ...{ dispute: violence, lead: 'org_womens-federation', assisting: ['org_housing'] },
  });
  const federation = await office.who('womens-federation');
  await actOn(office, federation, 'acceptReferral', referral, { note: '已约好在娘家见面' });
  await actOn(office, federation, 'reportProgress', referral, { note: '周三下午在娘家见面' });
  const informed = { party: '林桂香', how: '周三下午在娘家', at: '2026-03-09T00:00:00Z' };
  await actOn(office, federation, 'submitFeedback', referral, {
    ...{ outcome: 'SUPPORTED', text: '已安置在娘家', partiesInformed: [informed] },
  });
  const SHOWN = `query ($id: ID!) { referral(id: $id) { feedback { outcome text partiesInformed { how } } events { type note } } }`;
  for (const who of [await office.who('housing'), centre]) {
    const { data } = await office.ask(who, SHOWN, { id: referral });
    expect(JSON.stringify(data)).not.toContain('娘家');
    expect(data).toMatchObject({ referral: { feedback: [{ outcome: 'SUPPORTED', text: '', partiesInformed: [] }] } });
  }
  expect(JSON.stringify((await office.ask(federation, SHOWN, { id: referral })).data)).toContain('娘家见面');
  // Nor from what the log has of it, which everybody on the matter may have proved.
  await actOn(office, centre, 'closeReferral', referral);
  await actOn(office, centre, 'recordReturnVisit', referral, {
    ...{ visitedAt: '2026-03-09T06:00:00Z', holds: true, interviewed: 1 },
  });
  const VISITS = 'query ($id: ID!) { referral(id: $id) { returnVisits { visitedAt } } }';
  expect(await office.must(await office.who('housing'), VISITS, { id: referral })).toEqual({
    referral: { returnVisits: [] },
  });
  await testSequencer(office.db, memoryAnchor()).run();
  const log = await office.db.query<{ body: string }>(
    `select convert_from(bytes, 'UTF8') as body from audit_leaf where kind in ('referral.visited', 'referral.feedback')`,
  );
  expect(log).toHaveLength(2);
  for (const { body } of log) expect(body).not.toMatch(/2026-03-09T0[06]|SUPPORTED/);
});
