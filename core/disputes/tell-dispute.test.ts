import { afterEach, beforeEach, expect, test } from 'vitest';
import { createIndexRig, type IndexRig } from '../../test/kit/index-rig.ts';
import { citizenId, participant, record } from '../../test/kit/paper-department.ts';
import { MESSAGE_DATA } from '../delivery/message-type-data.ts';
import type { MessageType } from '../delivery/message-type.ts';
import { linkRecord } from './link-record.ts';
import { openDispute } from './open-dispute.ts';

let rig: IndexRig;
beforeEach(async () => {
  rig = await createIndexRig();
});
afterEach(() => rig.drop());

const listen = (...types: string[]) =>
  rig.db.query(
    `insert into webhook_endpoint (id, organisation_id, url_cipher, types, signing, created_at, rate_per_second, free_at)
     values ('whe_1', 'org_court', '', $1, 'V1', now(), 50, now())`,
    [types],
  );

interface Told {
  readonly type: string;
  readonly lane: string;
  readonly audience: readonly string[];
  readonly body: Readonly<Record<string, unknown>>;
}
const told = (): Promise<Told[]> => rig.db.query('select type, lane, audience, body from outbox order by position');

const both = async (): Promise<void> => {
  await rig.readIn.read('COURTS');
  await rig.readIn.read('POLICE');
};
/** Every department has been read in once, and there is news. */
const loaded = async (...types: string[]): Promise<void> => {
  await both();
  await listen(...types);
};

const court = (key: string, fields = {}) =>
  record('COURTS', key, { office: 'court', category: 'NEIGHBOUR', ...fields });
const police = (key: string, fields = {}) =>
  record('POLICE', key, { office: 'station', category: 'NEIGHBOUR', ...fields });
const naming = (number: string) => ({ references: [{ source: 'COURTS', number }] });
const desk = (organisationId = 'org_centre') => ({
  keyring: rig.keyring,
  now: rig.clock.wall(),
  organisationId,
  subject: 'op-1',
});

const open = async (accusedIds: readonly string[] = [], by = 'org_centre'): Promise<string> => {
  const opened = await rig.db.tx((tx) =>
    openDispute(
      tx,
      desk(by),
      {
        ...{ title: '楼上漏水', description: '三个月', category: 'NEIGHBOUR', channel: 'WALK_IN', urgency: 'ROUTINE' },
        ...{ placeId: 'org_place', parties: [{ name: '王小明', role: 'APPLICANT' }], allowDuplicate: true },
        ...(accusedIds.length > 0 ? { petitionPurpose: 'ACCUSATION', accusedIds } : {}),
      },
      async (ids) => new Map(ids.map((id) => [id, { byPhone: true }])),
    ),
  );
  if (opened.status !== 'OPENED') throw new Error('not opened');
  return opened.disputeId;
};

test('A dispute opened at the desk is told to who may see it, in its own lane, and to nobody who is accused', async () => {
  await listen('dispute.*');
  const id = await open();
  expect(await told()).toMatchObject([
    {
      ...{ type: 'dispute.opened', lane: id, audience: ['org_centre'] },
      body: { dispute: id, number: expect.stringMatching(/^D2026/) as string, version: 1 },
    },
  ]);
  await open(['org_centre'], 'org_court');
  expect((await told())[1]).toMatchObject({ audience: ['org_court'] });
  expect(await told()).toHaveLength(2);
});

test('What no endpoint listens to is not written down', async () => {
  await listen('referral.*', 'dispute.linked');
  await open();
  expect(await told()).toEqual([]);
});

test('A record linked by hand, or by the number it names, is told with its department', async () => {
  rig.courts.put(court('c1'));
  rig.police.put(police('p1'));
  await loaded('dispute.linked');
  const id = await open();
  await rig.db.tx((tx) =>
    linkRecord(tx, desk(), {
      ...{ disputeId: id, expectedVersion: 1, reason: '同一纠纷' },
      record: { source: 'COURTS', key: 'c1' },
    }),
  );
  expect(await told()).toMatchObject([
    { lane: id, audience: ['org_centre', 'org_court'], body: { dispute: id, version: 2, source: 'COURTS' } },
  ]);
  rig.police.put(police('p2', naming('COURTS-c1')));
  await both();
  const [, linked] = await told();
  expect(linked).toMatchObject({ type: 'dispute.linked', lane: id, body: { dispute: id, source: 'POLICE' } });
  expect(linked?.audience).toEqual(['org_centre', 'org_court', 'org_station']);
});

test('Two disputes that a reference joins are told as a link of the one that stays; a sealed record only to its holder', async () => {
  rig.courts.put(court('c1', { at: '2026-02-01T02:00:00.000Z' }));
  rig.police.put(police('p1'));
  await loaded('*');
  rig.police.put(police('p1', naming('COURTS-c1')));
  await both();
  expect(await told()).toMatchObject([{ type: 'dispute.linked', body: { source: 'POLICE' } }]);
  rig.police.put(police('p2', { ...naming('COURTS-c1'), sealed: true }));
  await both();
  expect((await told())[1]).toMatchObject({ audience: ['org_station'], body: { source: 'POLICE' } });
});

test('A department that is read in for the first time tells nothing, however much it joins', async () => {
  rig.courts.put(court('c1', { participants: [participant('1', { citizenId: citizenId(1) })] }));
  await rig.readIn.read('COURTS');
  await listen('*');
  rig.police.put(
    police('p1', { ...naming('COURTS-c1'), participants: [participant('1', { citizenId: citizenId(1) })] }),
  );
  await rig.readIn.read('POLICE');
  expect(await rig.disputes()).toEqual(['COURTS/c1 POLICE/p1']);
  expect(await told()).toEqual([]);
});

test('Persons that reading in joins and parts are told to who holds their records, by ids alone', async () => {
  const party = (serial: number) => ({
    participants: [participant('1', { citizenId: citizenId(serial), birthDate: '1980-01-02' })],
  });
  rig.courts.put(court('c1', party(1)));
  rig.police.put(police('p1', party(2)));
  await loaded('person.merged', 'person.split');
  rig.police.put(police('p1', party(1)));
  await both();
  const [merged] = await told();
  expect(merged).toMatchObject({ type: 'person.merged', audience: ['org_court', 'org_station'] });
  expect(Object.keys(merged?.body ?? {}).sort()).toEqual(['event', 'merged', 'person']);
  expect(merged?.lane).toBe(merged?.body['person']);
  rig.police.put(police('p1', party(2)));
  await both();
  expect((await told())[1]).toMatchObject({
    ...{ type: 'person.split', audience: ['org_court', 'org_station'] },
    body: { person: merged?.body['person'], separated: expect.stringMatching(/^per_/) as string },
  });
});

test('Nobody is told of a person joined by a record that is kept from them or accuses them', async () => {
  const party = { participants: [participant('1', { citizenId: citizenId(1), birthDate: '1980-01-02' })] };
  const another = { participants: [participant('1', { citizenId: citizenId(2), birthDate: '1980-01-02' })] };
  rig.courts.put(court('c1', party));
  rig.police.put(police('p1', another));
  await loaded('*');
  rig.police.put(police('p1', { ...party, accused: ['court'] }));
  await both();
  expect(await told()).toMatchObject([{ type: 'person.merged', audience: ['org_station'] }]);
});

test('What is told has the published form', async () => {
  rig.courts.put(court('c1', { participants: [participant('1', { citizenId: citizenId(1) })] }));
  rig.police.put(police('p1', { participants: [participant('1', { citizenId: citizenId(2) })] }));
  await loaded('*');
  await open();
  rig.police.put(
    police('p1', { ...naming('COURTS-c1'), participants: [participant('1', { citizenId: citizenId(1) })] }),
  );
  await both();
  const messages = await told();
  expect(messages.map(({ type }) => type)).toEqual(['dispute.opened', 'person.merged', 'dispute.linked']);
  for (const { type, body } of messages)
    expect(() => MESSAGE_DATA[type as MessageType].parse({ ...body, url: 'https://a.cn/graphql' }), type).not.toThrow();
});

test('A page that joins nothing costs no statement for being listened to; one that does, a single one for all it links', async () => {
  rig.courts.put(court('c1'), court('c2'));
  await both();
  const cost = async (...keys: string[]): Promise<number> => {
    rig.police.put(...keys.map((key) => police(key, naming('COURTS-c1'))));
    const before = rig.db.statements;
    await rig.readIn.read('POLICE');
    return rig.db.statements - before;
  };
  const alone = async (key: string): Promise<number> => {
    rig.police.put(police(key));
    const before = rig.db.statements;
    await rig.readIn.read('POLICE');
    return rig.db.statements - before;
  };
  // The first who is compared stores the weights.
  await alone('a0');
  const [unlinked, linked] = [await alone('a1'), await cost('p1', 'p2', 'p3')];
  await listen('*');
  expect(await alone('a2')).toBe(unlinked);
  expect(await cost('p4', 'p5', 'p6')).toBe(linked + 1);
  expect(await told()).toHaveLength(3);
});
