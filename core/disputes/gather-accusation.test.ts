/** An accusation and what the accused hold, as records come, change and go: never in one dispute by rule (domain rule 1). */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createIndexRig, type IndexRig } from '../../test/kit/index-rig.ts';
import { record } from '../../test/kit/paper-department.ts';
import type { DepartmentRecord } from '../department-record.ts';

let rig: IndexRig;
beforeEach(async () => {
  rig = await createIndexRig();
});
afterEach(() => rig.drop());

type Fields = Partial<DepartmentRecord> & { readonly names?: readonly string[] };
const SOURCES = { c: 'COURTS', p: 'POLICE', x: 'PETITIONS' } as const;
type Key = `${keyof typeof SOURCES}${string}`;
const sourceOf = (key: string): (typeof SOURCES)[keyof typeof SOURCES] => SOURCES[key[0] as keyof typeof SOURCES];
const paperOf = (key: string) => ({ COURTS: rig.courts, POLICE: rig.police, PETITIONS: rig.petitions })[sourceOf(key)];

/** A record comes or changes: of the court (c…), the station (p…), or a petition (x…). */
async function put(...changes: readonly (readonly [Key, Fields])[]): Promise<void> {
  for (const [key, { names = [], ...fields }] of changes)
    paperOf(key).put(
      record(sourceOf(key), key, {
        ...{
          category: 'NEIGHBOUR',
          office: { COURTS: 'court', POLICE: 'station', PETITIONS: 'centre' }[sourceOf(key)],
        },
        ...(key.startsWith('x') && { form: 'VISIT', purpose: 'ACCUSATION', collective: false }),
        references: names.map((name) => ({ source: sourceOf(name), number: `${sourceOf(name)}-${name}` })),
        ...fields,
      }),
    );
  for (const source of new Set(changes.map(([key]) => sourceOf(key)))) await rig.readIn.read(source);
}
async function remove(key: Key): Promise<void> {
  paperOf(key).remove(key);
  await rig.readIn.read(sourceOf(key));
}
const ACCUSES_STATION = { accused: ['station'] };
const together = async (): Promise<string[]> => (await rig.disputes()).map((line) => line.replaceAll(/[A-Z]+\//g, ''));
const stationSees = async (): Promise<string[]> =>
  (
    await rig.db.query<{ id: string }>(`select dispute_id as id from visible where organisation_id = 'org_station'`, [])
  ).map(({ id }) => id);

test('A record of the accused that is of no dispute by itself any more still keeps an accusation away', async () => {
  await put(['c1', {}], ['p1', { names: ['c1'] }]);
  await put(['p1', { category: null }]);
  expect(await together()).toEqual(['c1 p1']);
  await put(['x1', { ...ACCUSES_STATION, names: ['c1'] }]);
  expect((await together()).filter((line) => line.includes('x1'))).toEqual(['x1']);
  expect(await stationSees()).toHaveLength(1);
});

test('Who turns out to be accused keeps the dispute that they know, and the accusation leaves it', async () => {
  await put(['x1', { at: '2026-01-01T00:00:00.000Z' }]);
  await put(['p1', { names: ['x1'] }]);
  expect(await together()).toHaveLength(1);
  const known = await stationSees();
  expect(known).toHaveLength(1);
  await put(['x1', { at: '2026-01-01T00:00:00.000Z', ...ACCUSES_STATION }]);
  expect((await together()).sort()).toEqual(['p1', 'x1']);
  expect(await stationSees()).toEqual(known);
});

test('So does a record of theirs that only followed', async () => {
  await put(['x1', {}]);
  await put(['p1', { category: null, names: ['x1'] }]);
  expect((await together()).map((line) => line.split(' ').length)).toEqual([2]);
  const known = await stationSees();
  await put(['x1', ACCUSES_STATION]);
  expect((await together()).sort()).toEqual(['p1', 'x1']);
  expect(await stationSees()).toEqual(known);
});

test('A page that brings what follows together with what it names mixes nothing into an accusation in human hands', async () => {
  await put(['x1', ACCUSES_STATION]);
  await rig.db.query('update dispute set version = 2', []);
  await put(['p1', { office: 'court', names: ['x1'] }], ['p2', { category: null, names: ['p1'] }]);
  expect((await together()).some((line) => line.includes('x1') && line.includes('p2'))).toBe(false);
});

test('An accusation that was withdrawn bars as long as its dispute says so, and is kept apart as long', async () => {
  await put(['c1', {}]);
  await put(['x1', { ...ACCUSES_STATION, names: ['c1'] }], ['x2', { accused: ['place'], names: ['c1'] }]);
  await remove('x1');
  await put(['p1', { names: ['c1'] }]);
  const [home] = (await together()).filter((line) => line.includes('p1'));
  expect(home).not.toContain('x1');
  expect(await stationSees()).toHaveLength(1);
});

test('What nobody in it is accused by stays together when an accusation of others comes', async () => {
  await put(['c1', {}], ['c2', {}], ['p1', { names: ['c1', 'c2'] }]);
  await remove('p1');
  await put(['x1', { accused: ['place'], names: ['c1'] }]);
  expect((await together()).some((line) => line.includes('c1') && line.includes('c2'))).toBe(true);
});

test('What one page made the next one leaves', async () => {
  await put(['c1', {}], ['p1', { names: ['c1'] }]);
  await put(['x1', { ...ACCUSES_STATION, names: ['c1'] }]);
  await put(['p1', {}]);
  const before = await together();
  await put(['c1', { place: 'place' }]);
  expect(await together()).toEqual(before);
  expect(before.some((line) => line.includes('x1') && line.includes('p1'))).toBe(false);
});

test('When what the accused held is gone, it is as if it had never come', async () => {
  await put(['c1', {}], ['p1', { names: ['c1'] }]);
  await put(['x1', { ...ACCUSES_STATION, names: ['c1'] }]);
  expect((await together()).some((line) => line.includes('x1') && line.includes('c1'))).toBe(false);
  await remove('p1');
  expect((await together()).some((line) => line.includes('x1') && line.includes('c1'))).toBe(true);
});
