import { afterEach, beforeEach, expect, it } from 'vitest';
import { createIndexRig, type IndexRig } from '../../test/kit/index-rig.ts';
import type { DepartmentRecord } from '../department-record.ts';
import { record } from '../../test/kit/paper-department.ts';
import { findCallerOrganisation, storeOrganisations, type OrganisationEntry } from './organisation.ts';

let rig: IndexRig;
beforeEach(async () => {
  rig = await createIndexRig();
  await rig.db.query('delete from organisation');
});
afterEach(() => rig.drop());

const entry = (
  code: string,
  kind: OrganisationEntry['kind'],
  parent: string | null,
  sources: readonly string[] = [],
): OrganisationEntry => ({ code, name: code, level: 'COUNTY', kind, parent, sources: [...sources] });
const TREE = [
  entry('county', 'GOVERNMENT', null),
  entry('centre', 'CENTRE', 'county'),
  entry('bureau', 'PETITION_BUREAU', 'county', ['PETITIONS']),
  entry('street', 'ENFORCEMENT', 'county'),
  entry('court', 'COURT', 'county', ['COURTS']),
];
const store = (entries: readonly OrganisationEntry[]): Promise<void> =>
  storeOrganisations(rig.db, rig.keyring, entries, rig.clock.wall());
const seenBy = async (): Promise<string[]> => {
  const rows = await rig.db.query<{ code: string }>(
    'select distinct o.code from visible v join organisation o on o.id = v.organisation_id order by 1',
  );
  return rows.map(({ code }) => code);
};
const accusation = (accused: string): DepartmentRecord => {
  const petition = { form: 'LETTER', purpose: 'ACCUSATION', collective: false };
  return {
    ...record('PETITIONS', '1', { category: 'VILLAGE_AFFAIRS', office: 'bureau', accused: [accused] }),
    ...petition,
  };
};

it('an accusation against an organisation that the tree did not have yet is kept from it once it is there', async () => {
  await store(TREE);
  rig.petitions.put(accusation('squad'));
  await rig.readIn.read('PETITIONS');
  await store([...TREE, entry('squad', 'ENFORCEMENT', 'street')]);
  await rig.readIn.read('PETITIONS');
  const squad = await findCallerOrganisation(rig.db, 'squad');
  expect(await rig.db.query('select accused_ids from record')).toEqual([{ accused_ids: [squad?.id] }]);
  expect(await rig.db.query('select accused_ids from dispute')).toEqual([{ accused_ids: [squad?.id] }]);
});

it('whoever comes under an accused organisation sees the accusation no longer', async () => {
  await store(TREE);
  const number = 'PETITIONS-1';
  rig.petitions.put(accusation('street'));
  rig.courts.put(
    record('COURTS', 'c1', { category: 'CONTRACT', office: 'court', references: [{ source: 'PETITIONS', number }] }),
  );
  await rig.readIn.read('PETITIONS');
  await rig.readIn.read('COURTS');
  expect(await seenBy()).toEqual(['bureau', 'centre', 'court']);
  await store(TREE.map((one) => (one.code === 'court' ? { ...one, parent: 'street' } : one)));
  expect(await seenBy()).toEqual(['bureau', 'centre']);
});

it('the same tree again changes nothing and has nothing read again', async () => {
  await store(TREE);
  rig.petitions.put(accusation('street'));
  await rig.readIn.read('PETITIONS');
  await store(TREE);
  await rig.readIn.read('PETITIONS');
  expect(rig.petitions.asked).toEqual([null, '1']);
});
