import { expect, test } from 'vitest';
import { describeDispute, type DescribedRecord } from './describe-dispute.ts';
import { partyRoleOf } from './party-role.ts';
import type { LinkableRecord, LinkedDispute } from './linkable-record.ts';
import { planDisputes } from './plan-disputes.ts';

const dispute = (id: string, openedAt: number, touched = false): LinkedDispute => ({ id, openedAt, touched });
const record = (id: string, fields: Partial<LinkableRecord> = {}): LinkableRecord => ({
  id,
  category: 'NEIGHBOUR',
  at: 0,
  gone: false,
  dispute: null,
  parted: [],
  offices: [],
  accused: [],
  ...fields,
});
const nothing = { founded: [], linked: [], following: [], merged: [] };

test('A record with a category founds a dispute, one without founds none', () => {
  const one = record('a');
  expect(planDisputes([one, record('m', { category: null })], [{ a: 'm', b: 'm' }])).toEqual({
    ...nothing,
    founded: [[one]],
  });
});

test('Records that name each other found one dispute, earliest first, and a relief follows it', () => {
  const [a, b] = [record('a', { at: 2 }), record('b', { at: 1 })];
  const plan = planDisputes(
    [a, b, record('relief', { category: null })],
    [
      { a: 'a', b: 'b' },
      { a: 'relief', b: 'a' },
    ],
  );
  expect(plan.founded).toEqual([[b, a]]);
  expect(plan.following).toEqual([{ recordId: 'relief', founderId: 'b' }]);
});

test('A later reference merges two disputes into the older', () => {
  const [a, b] = [record('a', { dispute: dispute('young', 5) }), record('b', { dispute: dispute('old', 1) })];
  expect(planDisputes([a, b], [{ a: 'a', b: 'b' }])).toEqual({ ...nothing, merged: [{ from: 'young', into: 'old' }] });
});

test('Disputes that a human has in hand are left apart; a new record goes to the older', () => {
  const [a, b] = [record('a', { dispute: dispute('young', 5) }), record('b', { dispute: dispute('old', 1, true) })];
  const plan = planDisputes(
    [a, b, record('new')],
    [
      { a: 'new', b: 'a' },
      { a: 'new', b: 'b' },
    ],
  );
  expect(plan).toEqual({ ...nothing, linked: [{ recordId: 'new', disputeId: 'old' }] });
});

test('A marriage named by two disputes does not make them one', () => {
  const [a, b] = [record('a', { dispute: dispute('d1', 1) }), record('b', { dispute: dispute('d2', 2) })];
  const plan = planDisputes(
    [a, b, record('marriage', { category: null })],
    [
      { a: 'a', b: 'marriage' },
      { a: 'b', b: 'marriage' },
    ],
  );
  expect(plan).toEqual({ ...nothing, linked: [{ recordId: 'marriage', disputeId: 'd1' }] });
});

test('No rule puts a record back where a human took it out', () => {
  const out = record('a', { parted: ['d1'] });
  const plan = planDisputes([out, record('b', { dispute: dispute('d1', 1, true) })], [{ a: 'a', b: 'b' }]);
  expect(plan).toEqual({ ...nothing, founded: [[out]] });
});

test('A record that is gone founds nothing and joins nothing', () => {
  const plan = planDisputes([record('a', { gone: true }), record('b')], [{ a: 'a', b: 'b' }]);
  expect(plan.founded).toHaveLength(1);
  expect(plan.linked).toEqual([]);
});

test('A dispute is described by what and where, never by who', () => {
  const described = (id: string, fields: Partial<DescribedRecord> = {}): DescribedRecord => ({
    id,
    source: 'POLICE',
    category: 'NEIGHBOUR',
    at: new Date('2026-03-01T00:00:00Z'),
    placeId: null,
    placeName: null,
    channel: 'POLICE_110',
    petitionPurpose: null,
    collective: false,
    accusedIds: [],
    hidden: false,
    participants: [],
    ...fields,
  });
  const owners = ['1', '2', '3', '4', '5'].map((who) => ({ role: 'PETITIONER', who }));
  const petition = described('b', {
    source: 'PETITIONS',
    channel: 'LETTER',
    petitionPurpose: 'ACCUSATION',
    accusedIds: ['org_1'],
    at: new Date('2026-03-02T00:00:00Z'),
    placeId: 'org_2',
    placeName: '枫林一里',
    participants: owners,
  });
  expect(describeDispute([petition, described('a')])).toEqual({
    title: '邻里纠纷 · 枫林一里',
    category: 'NEIGHBOUR',
    openedAt: new Date('2026-03-01T00:00:00Z'),
    placeId: 'org_2',
    channels: ['POLICE_110', 'LETTER'],
    petitionPurpose: 'ACCUSATION',
    accusedIds: ['org_1'],
    isCollective: true,
  });
  expect(describeDispute([{ ...petition, participants: owners.slice(1) }]).isCollective).toBe(false);
});

test('A word for a part that nobody knows is a third party', () => {
  expect(partyRoleOf('COURTS', 'plaintiff')).toBe('APPLICANT');
  expect(partyRoleOf('COURTS', 'third-party')).toBe('THIRD_PARTY');
  expect(partyRoleOf('CENTRE', 'VICTIM')).toBe('VICTIM');
  expect(partyRoleOf('CUSTOMS', 'SMUGGLER')).toBe('THIRD_PARTY');
});

test('An accusation is not joined with what the accused hold, neither directly nor through a third record', () => {
  const incident = record('incident', { at: 1, offices: ['county/police/station/'] });
  const accusation = record('accusation', { at: 2, offices: ['county/petitions/'], accused: ['county/police/'] });
  const court = record('court', { at: 3, offices: ['county/court/'] });
  expect(planDisputes([incident, accusation], [{ a: 'accusation', b: 'incident' }]).founded).toEqual([
    [incident],
    [accusation],
  ]);
  const through = planDisputes(
    [incident, accusation, court],
    [
      { a: 'court', b: 'accusation' },
      { a: 'court', b: 'incident' },
    ],
  );
  expect(through.founded).toEqual([[incident], [accusation, court]]);
});

test('An accusation is not linked with a dispute in which the accused hold a record, nor is their record with its', () => {
  const held = record('court', { dispute: dispute('known', 1), offices: ['county/court/', 'county/police/station/'] });
  const accusation = record('accusation', { at: 2, accused: ['county/police/'] });
  expect(planDisputes([held, accusation], [{ a: 'accusation', b: 'court' }])).toEqual({
    ...nothing,
    founded: [[accusation]],
  });
  const relief = record('relief', { category: null, offices: ['county/police/'] });
  const known = { ...accusation, dispute: dispute('accused', 1) };
  expect(planDisputes([known, relief], [{ a: 'relief', b: 'accusation' }])).toEqual(nothing);
});
