/** Intake tells what is there already: of that, too, only what the caller may be told. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Caller } from '../../core/access/caller.ts';
import { citizenId, participant, record } from '../kit/paper-department.ts';
import { openOffice, referredBy, type Office } from './office.ts';

const [HER, REPORTER, STRANGER] = [citizenId(1), citizenId(3), citizenId(9)];
let office: Office;
beforeEach(async () => {
  office = await openOffice();
});
afterEach(() => office.drop());

const OPEN = `mutation ($input: OpenDisputeInput!, $key: String!) {
  openDispute(input: $input, idempotencyKey: $key) { dispute { id } duplicates { id } replayed } }`;
interface Opened {
  readonly openDispute: { readonly dispute: object | null; readonly duplicates: object[]; readonly replayed: boolean };
}
async function open(who: Caller, category: string, party: object, key: string = randomUUID(), place = 'org_place') {
  const { openDispute } = await office.must<Opened>(who, OPEN, {
    key,
    input: {
      ...{ title: '反映', description: '…', category, channel: 'WALK_IN', place },
      parties: [party],
    },
  });
  return { found: openDispute.duplicates.length, isOpened: !!openDispute.dispute, replayed: openDispute.replayed };
}
const idOf = async (category: string): Promise<string> =>
  (await office.db.one<{ id: string }>('select id from dispute where category = $1', [category])).id;

async function violence(...more: readonly ReturnType<typeof participant>[]): Promise<void> {
  office.police.put(
    record('POLICE', 'p1', {
      ...{ category: 'DOMESTIC_VIOLENCE', kind: 'DOMESTIC_VIOLENCE', office: 'station', place: 'place' },
      participants: [participant('her', { role: 'VICTIM', name: '林桂香', citizenId: HER }), ...more],
    }),
  );
  await office.readIn.read('POLICE');
}

test('Who reported violence at home is not confirmed by it, not even to who serves her', async () => {
  await violence(participant('r', { role: 'REPORTER', name: '钱知情', citizenId: REPORTER }));
  const dispute = await idOf('DOMESTIC_VIOLENCE');
  await referredBy(office, await office.who('centre', 'centre.operator'), { dispute, lead: 'org_community' });
  const community = await office.who('community');
  const asks = (citizen: string) =>
    open(community, 'DOMESTIC_VIOLENCE', { name: '钱知情', role: 'REPORTER', citizenId: citizen });
  expect(await asks(STRANGER)).toMatchObject({ found: 0 });
  expect(await asks(REPORTER)).toMatchObject({ found: 0 });
  const victim = { name: '林桂香', role: 'VICTIM', citizenId: HER };
  expect(await open(community, 'DOMESTIC_VIOLENCE', victim)).toMatchObject({ found: 1, isOpened: false });
});

test('A telephone of hers is not confirmed by another matter in which she stands', async () => {
  office.courts.put(
    record('COURTS', 'c1', {
      ...{ office: 'court', category: 'NEIGHBOUR', place: 'place' },
      participants: [
        participant('1', { role: 'plaintiff', name: '林桂香', citizenId: HER, phone: '13900000001' }),
        participant('2', { role: 'defendant', name: '何守田', phone: '13900000002' }),
      ],
    }),
  );
  await office.readIn.read('COURTS');
  await violence();
  await referredBy(office, await office.who('centre', 'centre.operator'), {
    ...{ dispute: await idOf('NEIGHBOUR'), lead: 'org_housing' },
  });
  const housing = await office.who('housing');
  const asks = (name: string, phone: string) => open(housing, 'NEIGHBOUR', { name, role: 'APPLICANT', phone });
  expect(await asks('林桂香', '13900000009')).toMatchObject({ found: 0 });
  expect(await asks('林桂香', '13900000001')).toMatchObject({ found: 0 });
  expect(await asks('何守田', '13900000002')).toMatchObject({ found: 1 });
});

test('Where her other matter is, once violence is told in it, is not found by asking for duplicates at one place after another', async () => {
  office.courts.put(
    record('COURTS', 'c1', {
      ...{ office: 'court', category: 'NEIGHBOUR', place: 'place' },
      participants: [participant('1', { role: 'plaintiff', name: '林桂香', citizenId: HER })],
    }),
  );
  await office.readIn.read('COURTS');
  office.police.put(
    record('POLICE', 'p1', {
      ...{ category: 'DOMESTIC_VIOLENCE', kind: 'DOMESTIC_VIOLENCE', office: 'station', place: 'place' },
      ...{ protected: true, at: '2026-03-02T02:00:00.000Z' },
      references: [{ source: 'COURTS', number: 'COURTS-c1' }],
      participants: [participant('her', { role: 'VICTIM', name: '林桂香', citizenId: HER })],
    }),
  );
  await office.readIn.read('POLICE');
  expect(await office.disputes()).toEqual(['COURTS/c1 POLICE/p1']);
  const { id: dispute, category } = await office.db.one<{ id: string; category: string }>(
    'select id, category from dispute where survivor_id is null',
  );
  await referredBy(office, await office.who('centre', 'centre.operator'), { dispute, lead: 'org_housing' });
  const housing = await office.who('housing');
  const PLACE = 'query ($id: ID!) { dispute(id: $id) { place { id } } }';
  expect(await office.must(housing, PLACE, { id: dispute })).toEqual({ dispute: { place: null } });
  const her = { name: '林桂香', role: 'APPLICANT', citizenId: HER };
  for (const place of ['org_place', 'org_street'])
    expect(await open(housing, category, her, randomUUID(), place), place).toMatchObject({ found: 0, isOpened: true });
});

test('Who was told of a duplicate and asks again by the same key is told by the rights of that day', async () => {
  const known = (key: string, citizen: string, more: object = {}) =>
    record('COURTS', key, {
      ...{ office: 'court', category: 'LENDING', place: 'place', ...more },
      participants: [participant('1', { name: '周正言', citizenId: citizen })],
    });
  // By the second, the dispute stays in sight when the first is sealed.
  office.courts.put(
    known('c1', HER),
    known('c2', STRANGER, { references: [{ source: 'COURTS', number: 'COURTS-c1' }] }),
  );
  await office.readIn.read('COURTS');
  const centre = await office.who('centre', 'centre.operator');
  const asks = () => open(centre, 'LENDING', { name: '周正言', role: 'APPLICANT', citizenId: HER }, 'the same');
  expect(await asks()).toEqual({ found: 1, isOpened: false, replayed: false });
  expect(await asks()).toEqual({ found: 1, isOpened: false, replayed: false });
  office.courts.put(known('c1', HER, { sealed: true }));
  await office.readIn.read('COURTS');
  expect(await asks()).toEqual({ found: 0, isOpened: true, replayed: false });
  expect(await asks()).toEqual({ found: 0, isOpened: true, replayed: true });
});
