/** Domain rule 1: an accusation of whoever has the matter in hand stands by itself, or they would know by losing it. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { citizenId, participant, record } from '../kit/paper-department.ts';
import { actOn } from './act.ts';
import { openOffice, referredBy, type Office } from './office.ts';

const participants = [participant('1', { name: '周正言', citizenId: citizenId(1) })];
const accusation = (...references: readonly { readonly source: string; readonly number: string }[]) => ({
  ...record('PETITIONS', 'against', {
    ...{ office: 'petitions', accused: ['housing'], category: 'HOMESTEAD', at: '2026-03-02T02:00:00.000Z' },
    ...{ participants, references },
  }),
  ...{ kind: 'PETITION', purpose: 'ACCUSATION', form: 'LETTER', collective: false },
});

let office: Office;
/** What the court tells of is in hand at housing. */
beforeEach(async () => {
  office = await openOffice();
  office.courts.put(record('COURTS', 'c1', { office: 'court', category: 'HOMESTEAD', participants }));
  await office.readIn.read('COURTS');
  const { id: dispute } = await office.db.one<{ id: string }>('select id from dispute');
  const centre = await office.who('centre', 'centre.operator');
  const referral = await referredBy(office, centre, { dispute, lead: 'org_housing' });
  await actOn(office, await office.who('housing'), 'acceptReferral', referral);
});
afterEach(() => office.drop());

/** All that housing finds. */
async function world(): Promise<string> {
  const housing = await office.who('housing', 'department.head');
  const found = [
    await office.must(housing, '{ disputes(first: 50) { nodes { id version records { key } } } }'),
    await office.must(housing, '{ referrals(first: 50) { nodes { id status version } } }'),
  ];
  return JSON.stringify(found);
}

test('It is not joined by rule with what the accused have in hand', async () => {
  const before = await world();
  expect(before).toMatch(/dsp_.*ref_/);
  office.petitions.put(accusation({ source: 'COURTS', number: 'COURTS-c1' }));
  await office.readIn.read('PETITIONS');
  expect(await office.disputes()).toEqual(['COURTS/c1', 'PETITIONS/against']);
  expect(await world()).toBe(before);
});

test('Nobody links it by hand with that either', async () => {
  const before = await world();
  office.petitions.put(accusation());
  await office.readIn.read('PETITIONS');
  const { id: dispute, version } = await office.db.one<{ id: string; version: number }>(
    `select id, version from dispute where accused_ids = '{}'`,
  );
  await referredBy(office, await office.who('centre', 'centre.operator'), { dispute, lead: 'org_petitions' });
  const { errors } = await office.ask(
    await office.who('petitions', 'department.head'),
    'mutation ($input: LinkRecordInput!) { linkRecord(input: $input, idempotencyKey: "k") { dispute { id } } }',
    {
      input: {
        ...{ dispute, expectedVersion: version, reason: '同一事项' },
        record: { source: 'PETITIONS', key: 'against' },
      },
    },
  );
  expect(errors.map(({ code }) => code)).toEqual(['ROUTING_FORBIDDEN']);
  expect(await world()).toBe(before);
});
