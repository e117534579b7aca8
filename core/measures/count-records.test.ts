import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIndexRig, type IndexRig } from '../../test/kit/index-rig.ts';
import { citizenId, participant, record } from '../../test/kit/paper-department.ts';
import { countRecords, loadStreetIds } from './count-records.ts';

let rig: IndexRig;
type Fields = Parameters<typeof record>[2];
const party = participant('1', { citizenId: citizenId(1) });
const common = { category: 'NEIGHBOUR', at: '2026-01-15T02:00:00.000Z', participants: [party] };

const incident = (key: string, more: Fields = {}): void =>
  rig.police.put(record('POLICE', key, { ...common, office: 'station', ...more }));
const filed = (key: string, more: Fields = {}): void =>
  rig.courts.put(record('COURTS', key, { ...common, kind: 'COURT_CASE', office: 'court', ...more }));
const petition = (key: string, form: string, more: Fields & { readonly purpose?: string } = {}): void =>
  rig.petitions.put({
    ...record('PETITIONS', key, { ...common, kind: 'PETITION', office: 'east-petitions', ...more }),
    ...{ form, purpose: more.purpose ?? 'APPEAL', collective: false },
  });

async function counted(from = '2026-01-01', to = '2026-01-31', sources = ['POLICE', 'COURTS', 'PETITIONS', 'CENTRE']) {
  for (const source of rig.readIn.sources) await rig.readIn.read(source);
  return (await countRecords(rig.db, { from, to, sources }))
    .map(({ month, streetId, category, countedAs, count }) =>
      [`${Math.floor(month / 12)}-${(month % 12) + 1}`, streetId, category, countedAs, count].join(' '),
    )
    .sort();
}

beforeAll(async () => {
  rig = await createIndexRig(50);
  await rig.db.query(`insert into organisation (id, code, name, level, kind, path, parent_id, closed_at) values
    ('org_west', 'west', '西街', 'TOWNSHIP', 'GOVERNMENT', 'county/west/', 'org_county', null),
    ('org_east', 'east', '东街', 'TOWNSHIP', 'GOVERNMENT', 'county/east/', 'org_county', null),
    ('org_old', 'old', '旧街', 'TOWNSHIP', 'GOVERNMENT', 'county/old/', 'org_county', now()),
    ('org_east_petitions', 'east-petitions', '东街信访办', 'TOWNSHIP', 'PETITION_BUREAU', 'county/east/east-petitions/', 'org_east', null),
    ('org_grid', 'west-grid', '网格', 'GRID', 'COMMITTEE', 'county/west/west-grid/', 'org_west', null),
    ('org_old_grid', 'old-grid', '网格', 'GRID', 'COMMITTEE', 'county/old/old-grid/', 'org_old', null)`);
});
afterAll(() => rig.drop());

test('Streets are those of the tree that are not closed, in its order', async () => {
  expect(await loadStreetIds(rig.db)).toEqual(['org_east', 'org_west']);
});

test('A record counts in the street of its place, else of its office, else in none', async () => {
  incident('p1', { place: 'west-grid' });
  incident('p2', { place: 'west' });
  incident('p3');
  incident('p4', { place: 'old-grid' });
  petition('x1', 'PHONE');
  filed('c1', { place: 'west-grid' });
  expect(await counted()).toEqual([
    '2026-1  NEIGHBOUR police 2',
    '2026-1 org_east NEIGHBOUR hotline 1',
    '2026-1 org_west NEIGHBOUR filings 1',
    '2026-1 org_west NEIGHBOUR police 2',
  ]);
});

test('Days are those of Shanghai, and departments those that may be counted', async () => {
  filed('c2', { category: 'LENDING', at: '2026-01-31T16:30:00.000Z' });
  expect(await counted('2026-02-01', '2026-02-28')).toEqual(['2026-2  LENDING filings 1']);
  expect(await counted('2026-01-01', '2026-02-28', ['PETITIONS'])).toEqual(['2026-1 org_east NEIGHBOUR hotline 1']);
});

test('Of petitions those by telephone or hotline count; what is no dispute counts nowhere', async () => {
  const before = await counted();
  petition('x2', 'VISIT');
  incident('p5', { category: null });
  expect(await counted()).toEqual(before);
  petition('x3', 'HOTLINE_12345', { category: 'LABOUR' });
  expect(await counted()).toContain('2026-1 org_east LABOUR hotline 1');
});

test('Nothing sealed, classified, protected or accusing counts, nor what is gone, nor anything of a violent dispute', async () => {
  const before = await counted();
  incident('h1', { sealed: true });
  incident('h2', { classified: true });
  incident('h3', { protected: true });
  incident('h4', { category: 'DOMESTIC_VIOLENCE' });
  petition('h5', 'PHONE', { purpose: 'ACCUSATION', accused: ['court'] });
  petition('h6', 'PHONE', { purpose: 'ACCUSATION' });
  // A suit that names what the police were called to.
  filed('h7', { references: [{ source: 'POLICE', number: 'POLICE-h4' }] });
  incident('h8');
  expect(await counted()).not.toEqual(before);
  rig.police.remove('h8');
  expect(await counted()).toEqual(before);
});

test('An accusation takes nothing out of the number that was in it', async () => {
  incident('a1', { category: 'LABOUR', place: 'west' });
  const before = await counted();
  petition('a2', 'PHONE', {
    ...{ purpose: 'ACCUSATION', accused: ['old'], category: 'LABOUR' },
    references: [{ source: 'POLICE', number: 'POLICE-a1' }],
  });
  expect(await counted()).toEqual(before);
});
