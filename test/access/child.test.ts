/** Domain rule 6 at the desk: whoever is under 18 stands on a sealed record of their own. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkCharacter } from '../../core/platform/citizen-id.ts';
import { openedBy, openOffice, referredBy, type Office } from './office.ts';

let office: Office;
beforeEach(async () => {
  office = await openOffice();
});
afterEach(() => office.drop());

/** The rig's day is 10 March 2026. */
const bornOn = (day: string): string => {
  const first17 = `990102${day}002`;
  return `${first17}${checkCharacter(first17) ?? ''}`;
};
const CHILD = bornOn('20080311');
const GROWN_UP = bornOn('20080310');

const matter = (citizenId: string) => ({
  ...{ title: '陈小舟在校被打', category: 'CAMPUS', address: '枫林一里3幢', place: 'org_place' },
  parties: [
    { name: '陈小舟', role: 'VICTIM', citizenId, phone: '13600000001' },
    { name: '陈大海', role: 'GUARDIAN' },
  ],
});
const SHOWN =
  'query ($id: ID!) { dispute(id: $id) { title address place { code } parties { name } records { kind } } }';

test('A child’s name, home and school are for the desk that took them down, and for nobody else on the case', async () => {
  const community = await office.who('community');
  const dispute = await openedBy(office, community, matter(CHILD));
  const shown = await office.must<{ dispute: { parties: { name: string }[] } }>(community, SHOWN, { id: dispute });
  expect(shown).toMatchObject({ dispute: { title: '陈小舟在校被打', address: '枫林一里3幢' } });
  // Two records of one moment: which comes first is chance.
  expect(shown.dispute.parties.map(({ name }) => name).sort()).toEqual(['陈大海', '陈小舟'].sort());
  await referredBy(office, community, { dispute, lead: 'org_station' });
  for (const code of ['centre', 'station']) {
    const other = await office.who(code, code === 'centre' ? 'centre.supervisor' : 'department.head', {
      ...{ purpose: 'supervision', reason: '督查' },
    });
    expect(await office.must(other, SHOWN, { id: dispute }), code).toEqual({
      dispute: {
        title: '涉校纠纷',
        address: null,
        place: null,
        parties: [{ name: '陈大海' }],
        records: [{ kind: 'INTAKE' }],
      },
    });
    const { data, errors } = await office.ask(
      other,
      'query ($n: String!) { personByCitizenId(number: $n) { id } persons(filter: { name: "陈小舟" }) { nodes { id } } }',
      { n: CHILD },
    );
    expect({ data, errors }).toEqual({ data: { personByCitizenId: null, persons: { nodes: [] } }, errors: [] });
  }
});

test('On their eighteenth birthday they are a party like others', async () => {
  const community = await office.who('community');
  const dispute = await openedBy(office, community, matter(GROWN_UP));
  const centre = await office.who('centre', 'centre.operator');
  expect(await office.must(centre, SHOWN, { id: dispute })).toMatchObject({
    dispute: { title: '陈小舟在校被打', parties: [{ name: '陈小舟' }, { name: '陈大海' }] },
  });
});

test('A child who is added later is sealed as well, by each desk for itself', async () => {
  const community = await office.who('community');
  const dispute = await openedBy(office, community, { title: '校园纠纷', category: 'CAMPUS' });
  const ADD = `mutation ($dispute: ID!, $version: Int!, $name: String!, $id: String!) { addParty(dispute: $dispute,
    expectedVersion: $version, idempotencyKey: $name, party: { name: $name, role: VICTIM, citizenId: $id }) {
    dispute { parties { name } } } }`;
  const added = await office.must(community, ADD, { dispute, version: 1, name: '陈小舟', id: CHILD });
  expect(JSON.stringify(added)).toContain('陈小舟');
  const centre = await office.who('centre', 'centre.operator');
  const other = await office.must(centre, ADD, { dispute, version: 2, name: '李小满', id: bornOn('20150101') });
  expect(JSON.stringify(other)).toContain('李小满');
  expect(JSON.stringify(other)).not.toContain('陈小舟');
  expect(JSON.stringify(await office.must(community, SHOWN, { id: dispute }))).not.toContain('李小满');
});

test('Who was a child when it happened is one, whether they are named at once or later', async () => {
  const community = await office.who('community');
  const centre = await office.who('centre', 'centre.operator');
  const guardian = { name: '陈大海', role: 'GUARDIAN' };
  // Eighteen since the first of January.
  const child = { name: '陈小舟', role: 'VICTIM', citizenId: bornOn('20080101') };
  const openAt = (occurredAt: string, ...parties: readonly object[]): Promise<string> =>
    openedBy(office, community, { category: 'CAMPUS', title: '校园纠纷', occurredAt, parties });
  const ADD = `mutation ($dispute: ID!, $party: PartyInput!) {
    addParty(dispute: $dispute, expectedVersion: 1, idempotencyKey: "later", party: $party) { replayed } }`;
  const shown = async (id: string): Promise<string> => JSON.stringify(await office.must(centre, SHOWN, { id }));
  expect(await shown(await openAt('2025-12-01T00:00:00Z', guardian, child))).not.toContain('陈小舟');
  const later = await openAt('2025-12-01T00:00:00Z', guardian);
  await office.must(community, ADD, { dispute: later, party: child });
  expect(await shown(later)).not.toContain('陈小舟');
  expect(await shown(await openAt('2026-02-01T00:00:00Z', guardian, child))).toContain('陈小舟');
});

test('Neither the documents that are missing nor the title name a child, not even one whose record is taken out', async () => {
  const community = await office.who('community');
  const centre = await office.who('centre', 'centre.operator');
  const dispute = await openedBy(office, community, { ...matter(CHILD), missingDocuments: ['陈小舟的出生证明'] });
  const NAMES = 'query ($id: ID!) { dispute(id: $id) { title address missingDocuments } }';
  const shown = async (who = centre): Promise<string> => JSON.stringify(await office.must(who, NAMES, { id: dispute }));
  expect(await shown(community)).toContain('陈小舟的出生证明');
  expect(await shown()).not.toContain('陈小舟');
  const { id: key } = await office.db.one<{ id: string }>('select id from record where sealed');
  await office.must(
    community,
    'mutation ($i: LinkRecordInput!) { unlinkRecord(input: $i, idempotencyKey: "u") { replayed } }',
    { i: { dispute, expectedVersion: 1, record: { source: 'CENTRE', key }, reason: '另案' } },
  );
  expect(await shown()).not.toMatch(/陈小舟|枫林/);
});
