/** Domain rule 1 in what auditors are shown: of accusations, discipline inspection alone learns anything. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { requireBundles, searchEntries } from '../../core/access/audit-entries.ts';
import { createDisclosureWriter } from '../../core/audit/disclosure-writer.ts';
import { entryBytes, entryLeaf } from '../../core/audit/entry.ts';
import { tileOf } from '../../core/audit/read-log.ts';
import { UNUSUAL } from '../../core/audit/unusual-reading.ts';
import { memoryAnchor, testSequencer } from '../kit/log-rig.ts';
import { citizenId, participant, record } from '../kit/paper-department.ts';
import { actOn } from './act.ts';
import { openedBy, openOffice, referredBy, type Office } from './office.ts';

const PETITIONER = citizenId(1);
const participants = [participant('1', { name: '周正言', citizenId: PETITIONER })];
const nowhere = { personId: null, recordId: null, disputeId: null, referralId: null, fieldGroups: ['identity'] };
const accusation = (accused: string) => ({
  ...{ title: '反映干部', description: '…', category: 'VILLAGE_AFFAIRS', channel: 'WALK_IN', place: 'org_community' },
  parties: [{ name: '周正言', role: 'APPLICANT', citizenId: PETITIONER }],
  ...{ petitionPurpose: 'ACCUSATION', accused: [accused] },
});

let office: Office;
beforeEach(async () => {
  office = await openOffice();
});
afterEach(() => office.drop());

/** All that an auditor of this office finds in the log. */
async function found(code: string, filter: object = {}): Promise<string> {
  await testSequencer(office.db, memoryAnchor()).run();
  return JSON.stringify(
    await office.must(
      await office.who(code, 'auditor'),
      'query ($f: AuditFilter!) { auditEntries(filter: $f, first: 100) { nodes { kind subject body } } }',
      { f: filter },
    ),
  );
}

/** A helper in the community takes down an accusation of the street, which is above it. */
async function refusedAtTheDesk() {
  const helper = await office.who('community');
  const { errors } = await office.ask(
    helper,
    `mutation ($input: OpenDisputeInput!) { openDispute(input: $input, idempotencyKey: "k") { dispute { id } } }`,
    { input: accusation('org_street') },
  );
  expect(errors).toMatchObject([{ code: 'ROUTING_FORBIDDEN' }]);
  return helper;
}

test('That an accusation was refused at a desk of the accused is found by discipline inspection alone', async () => {
  await refusedAtTheDesk();
  expect(await found('discipline')).toContain('routing.refused');
  for (const code of ['street', 'court', 'housing']) expect(await found(code), code).not.toContain('routing.refused');
});

test('Nor is it guessed from the hashes that are open to everybody, by who knows the helper and the moment', async () => {
  const helper = await refusedAtTheDesk();
  await testSequencer(office.db, memoryAnchor()).run();
  const { size } = await office.db.one<{ size: number }>('select note_size as size from audit_head');
  const tile = (await tileOf(office.db, { level: 0, index: 0 }, size)) ?? Buffer.alloc(0);
  const leaves = Array.from({ length: size }, (_, at) => tile.subarray(at * 32, at * 32 + 32).toString('hex'));
  const guess = (body: Readonly<Record<string, string>>): string =>
    entryLeaf(
      entryBytes({
        ...{ kind: 'routing.refused', subject: helper.organisation.id, actor: helper, at: office.clock.wall(), body },
      }),
    ).toString('hex');
  expect(leaves).not.toContain(guess({ operation: 'openDispute' }));
  // Only with the id of the request, which nobody else has.
  expect(leaves).toContain(guess({ operation: 'openDispute', request: helper.requestId }));
});

test('Of discipline inspection that looked at the petitioner an auditor of the accused is not told, once the case has gone on either', async () => {
  const centre = await office.who('centre', 'centre.operator');
  const dispute = await openedBy(office, centre, accusation('org_housing'));
  const referral = await referredBy(office, centre, { dispute, kind: 'DISCIPLINE', lead: 'org_discipline' });
  const { person } = await office.db.one<{ person: string }>('select person_id as person from mention');
  const discipline = await office.who('discipline', 'department.head');
  const write = createDisclosureWriter(office);
  const shown = [{ ...nowhere, personId: person, link: 'DISPUTE' as const }];
  await write({ reader: discipline, at: office.clock.wall(), lookedUp: [], shown });
  const LIST = 'query ($person: ID!) { disclosures(person: $person) { nodes { organisation { id } } } }';
  const listed = async (code: string): Promise<unknown> =>
    office.must(await office.who(code, 'auditor'), LIST, { person });
  const NOBODY = { disclosures: { nodes: [] } };
  expect(await listed('housing')).toEqual(NOBODY);
  await actOn(office, discipline, 'returnReferral', referral, { note: '不属于本单位' });
  await actOn(office, centre, 'decideReturn', referral, { agree: true, note: '同意' });
  await actOn(office, centre, 'redirectReferral', referral, { to: 'org_petitions', reason: '改派' });
  expect(await listed('housing')).toEqual(NOBODY);
  expect(await listed('discipline')).toEqual({ disclosures: { nodes: [{ organisation: { id: 'org_discipline' } }] } });
});

test('In the list of unusual reading an auditor of the accused finds nothing that only the accusation explains', async () => {
  const centre = await office.who('centre', 'centre.operator');
  const parties = Array.from({ length: UNUSUAL.manyPersons }, (_, n) => ({
    ...{ name: `某${n}`, role: 'APPLICANT', citizenId: citizenId(n) },
  }));
  const dispute = await openedBy(office, centre, { ...accusation('org_housing'), parties });
  const people = await office.db.query<{ id: string }>('select distinct person_id as id from mention');
  await createDisclosureWriter(office)({
    ...{ reader: await office.who('discipline'), at: office.clock.wall(), lookedUp: [] },
    shown: people.map(({ id }) => ({ ...nowhere, personId: id, disputeId: dispute, link: 'DISPUTE' as const })),
  });
  const LIST = '{ unusualReading(from: "2026-03-01", to: "2026-03-31") { nodes { persons } } }';
  const listed = async (code: string): Promise<unknown> => office.must(await office.who(code, 'auditor'), LIST);
  expect(await listed('housing')).toEqual({ unusualReading: { nodes: [] } });
  expect(await listed('discipline')).toEqual({ unusualReading: { nodes: [{ persons: UNUSUAL.manyPersons }] } });
});

test('Auditors of discipline inspection, itself accused, are kept from the entry and from whole bundles, when the record has gone too', async () => {
  office.petitions.put({
    ...record('PETITIONS', 'against', {
      ...{ category: 'VILLAGE_AFFAIRS', office: 'petitions', accused: ['discipline'], participants },
    }),
    ...{ kind: 'PETITION', purpose: 'ACCUSATION', form: 'LETTER', collective: false },
  });
  await office.readIn.read('PETITIONS');
  const { id } = await office.db.one<{ id: string }>(`select id from record where accused_ids <> '{}'`);
  const shown = [{ ...nowhere, recordId: id, link: 'OWN_RECORD' as const }];
  const reader = await office.who('petitions');
  await createDisclosureWriter(office)({ reader, at: office.clock.wall(), lookedUp: [], shown });
  await testSequencer(office.db, memoryAnchor()).run();
  const auditor = await office.who('discipline', 'auditor');
  for (const step of ['there', 'gone']) {
    if (step === 'gone') {
      office.petitions.remove('against');
      await office.readIn.read('PETITIONS');
    }
    const subjects = (await searchEntries(office.db, auditor, { limit: 100 })).map(({ subject }) => subject);
    expect(subjects, step).not.toContain(id);
    await expect(requireBundles(office.db, auditor), step).rejects.toThrow(/Bundles/);
  }
});
