/** Domain rule 3: without a basis in force nothing of what a department says is there. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { storeAgreements } from '../../core/access/agreement.ts';
import { PURPOSES } from '../../core/access/caller.ts';
import { citizenId, participant, record } from '../kit/paper-department.ts';
import { openOffice, referredBy, type Office } from './office.ts';

const NUMBER = citizenId(1);
let office: Office;
beforeEach(async () => {
  office = await openOffice();
  office.courts.put(
    record('COURTS', 'c1', {
      ...{ office: 'court', category: 'LENDING', place: 'place' },
      participants: [participant('1', { role: 'DEFENDANT', name: '王强', citizenId: NUMBER })],
    }),
  );
  await office.readIn.read('COURTS');
});
afterEach(() => office.drop());

/** The court's; the others' go on. */
const ended = (): Promise<unknown> =>
  storeAgreements(
    office.db,
    ['COURTS', 'POLICE', 'PETITIONS', 'CIVIL_AFFAIRS'].map((source) => ({
      ...{ source, purposes: [...PURPOSES], fieldGroups: ['index', 'contents'] },
      expires: source === 'COURTS' ? '2020-01-01' : '2099-12-31',
    })),
    office.clock.wall(),
  );
const WORLD = `query ($n: String!) { personByCitizenId(number: $n) { id }
  disputes { nodes { category title place { code } channels openedAt records { source } parties { name } } } }`;
const NOTHING = { personByCitizenId: null, disputes: { nodes: [] } };

test('A dispute and a person that only a department tells of do not exist once its agreement has ended', async () => {
  const centre = await office.who('centre', 'centre.operator');
  expect(await office.must(centre, WORLD, { n: NUMBER })).toMatchObject({
    personByCitizenId: {},
    disputes: { nodes: [{ category: 'LENDING', records: [{ source: 'COURTS' }] }] },
  });
  const { id } = await office.db.one<{ id: string }>('select id from dispute');
  await ended();
  const { data } = await office.ask(centre, WORLD, { n: NUMBER });
  expect(data).toEqual(NOTHING);
  expect(await office.must(centre, 'query ($id: ID!) { dispute(id: $id) { id } }', { id })).toEqual({ dispute: null });
});

test('Who carries a referral of it still has the matter, and nothing of what the department says of it', async () => {
  const { id } = await office.db.one<{ id: string }>('select id from dispute');
  await referredBy(office, await office.who('centre', 'centre.operator'), { dispute: id, lead: 'org_housing' });
  await ended();
  const { data } = await office.ask(await office.who('housing'), WORLD, { n: NUMBER });
  expect(data).toMatchObject({ personByCitizenId: null, disputes: { nodes: [{ records: [], parties: [] }] } });
});

test('Nor does a sealed record of another department bring the dispute back', async () => {
  office.police.put(
    record('POLICE', 'p1', {
      ...{ office: 'station', category: 'LENDING', sealed: true },
      references: [{ source: 'COURTS', number: 'COURTS-c1' }],
      participants: [participant('1', { name: '王强', citizenId: NUMBER })],
    }),
  );
  await office.readIn.read('POLICE');
  expect(await office.disputes()).toEqual(['COURTS/c1 POLICE/p1']);
  const centre = await office.who('centre', 'centre.operator');
  expect(await office.must(centre, WORLD, { n: NUMBER })).toMatchObject({ disputes: { nodes: [{}] } });
  await ended();
  expect(await office.must(centre, WORLD, { n: NUMBER })).toEqual(NOTHING);
});

test('Nobody is seen in what others tell of them, where it was that department alone who linked them to the matter', async () => {
  office.police.put(
    record('POLICE', 'p1', {
      office: 'station',
      participants: [participant('1', { name: '王强', citizenId: NUMBER })],
    }),
  );
  await office.readIn.read('POLICE');
  expect(await office.disputes()).toEqual(['COURTS/c1']);
  const { id } = await office.db.one<{ id: string }>('select id from dispute');
  await referredBy(office, await office.who('centre', 'centre.operator'), { dispute: id, lead: 'org_housing' });
  const housing = await office.who('housing');
  expect(await office.must(housing, WORLD, { n: NUMBER })).toMatchObject({ personByCitizenId: {} });
  await ended();
  expect(await office.must(housing, WORLD, { n: NUMBER })).toMatchObject({ personByCitizenId: null });
});
