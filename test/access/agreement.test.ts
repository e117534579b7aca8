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

const ended = (): Promise<unknown> =>
  storeAgreements(
    office.db,
    [{ source: 'COURTS', purposes: [...PURPOSES], fieldGroups: ['index', 'contents'], expires: '2020-01-01' }],
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
