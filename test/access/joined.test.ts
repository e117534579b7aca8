/** What one's own record says of a person or a dispute tells nothing of the hidden records that it is joined with. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { citizenId, participant, record } from '../kit/paper-department.ts';
import { openOffice, type Office } from './office.ts';

const NUMBER = citizenId(1);
const OWN = { kind: 'PETITION', purpose: 'APPEAL', form: 'LETTER', collective: false };
const named = (role = 'PARTY') => [participant('1', { name: '周正言', citizenId: NUMBER, role })];

let office: Office;
beforeEach(async () => {
  office = await openOffice();
  office.petitions.put({
    ...record('PETITIONS', 'own', {
      ...{ category: 'VILLAGE_AFFAIRS', office: 'street-petitions', participants: named() },
    }),
    ...OWN,
  });
  await office.readIn.read('PETITIONS');
});
afterEach(() => office.drop());

const LOOK = `query ($number: String!) { personByCitizenId(number: $number) {
  id records { source kind matchedBy score joinedAt } } }`;

test.each([
  [
    'an accusation of their house',
    'PETITIONS',
    {
      ...record('PETITIONS', 'x', {
        ...{ category: 'VILLAGE_AFFAIRS', office: 'petitions', accused: ['street'], participants: named() },
      }),
      ...{ ...OWN, purpose: 'ACCUSATION' },
    },
  ],
  [
    'a sealed record',
    'POLICE',
    record('POLICE', 'x', { category: 'PUBLIC_ORDER', office: 'station', sealed: true, participants: named() }),
  ],
  [
    'violence at home',
    'POLICE',
    record('POLICE', 'x', {
      ...{ category: 'DOMESTIC_VIOLENCE', kind: 'DOMESTIC_VIOLENCE', office: 'station', participants: named('VICTIM') },
    }),
  ],
])('Whose own record it is sees no change in it when %s of the same person comes in', async (_what, source, hidden) => {
  const who = await office.who('street-petitions', 'department.handler', { purpose: 'petition' });
  const before = await office.must(who, LOOK, { number: NUMBER });
  expect(before).toMatchObject({ personByCitizenId: { records: [{ source: 'PETITIONS', matchedBy: 'SINGLE' }] } });
  office.clock.advance(60_000);
  (source === 'POLICE' ? office.police : office.petitions).put(hidden);
  await office.readIn.read(source);
  expect(await office.people()).toEqual([`PETITIONS/own/1 ${source}/x/1`]);
  expect(await office.must(who, LOOK, { number: NUMBER })).toEqual(before);
});

test('Why a record belongs to its dispute does not say that a sealed one founded it', async () => {
  const participants = [participant('1', { name: '王强', citizenId: citizenId(2) })];
  office.police.put(record('POLICE', 'p1', { category: 'NEIGHBOUR', office: 'station', sealed: true, participants }));
  office.courts.put(
    record('COURTS', 'c1', {
      ...{ category: 'NEIGHBOUR', office: 'court', at: '2026-03-02T02:00:00.000Z', participants },
      references: [{ source: 'POLICE', number: 'POLICE-p1' }],
    }),
  );
  await office.readIn.read('POLICE');
  await office.readIn.read('COURTS');
  expect(await office.disputes()).toContain('COURTS/c1 POLICE/p1');
  const { disputes } = await office.must<{ disputes: { nodes: object[] } }>(
    await office.who('centre', 'centre.operator'),
    '{ disputes { nodes { records { source matchedBy } } } }',
  );
  expect(disputes.nodes).toContainEqual({ records: [{ source: 'COURTS', matchedBy: 'SINGLE' }] });
});
