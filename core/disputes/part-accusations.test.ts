import { expect, test } from 'vitest';
import type { LinkableRecord } from './linkable-record.ts';
import { partAccusations, type Parting } from './part-accusations.ts';

const record = (id: string, at: number, fields: Partial<LinkableRecord> = {}): LinkableRecord => ({
  ...{ id, at, category: 'NEIGHBOUR', gone: false, dispute: null, parted: [], offices: [`county/${id}/`], accused: [] },
  ...fields,
});
const inDispute = (id: string): Pick<LinkableRecord, 'dispute'> => ({ dispute: { id, touched: false, openedAt: 1 } });
const told = ({ parts }: Parting): string[] =>
  parts.map(({ disputeId, records }) => `${disputeId ?? 'new'}: ${records.map(({ id }) => id).join(' ')}`);

const station = record('station', 2);
const court = record('court', 3);
const accusation = record('accusation', 1, { accused: ['county/station/'] });
const [toStation, toCourt, stationToCourt] = [
  { a: 'accusation', b: 'station' },
  { a: 'accusation', b: 'court' },
  { a: 'station', b: 'court' },
];

test('An accusation is joined with what it names, as long as the accused hold none of it', () => {
  expect(told(partAccusations([accusation, court], [toCourt]))).toEqual(['new: accusation court']);
});

test('It stands by itself once they do, near or far, and the others are together as far as they name each other', () => {
  expect(told(partAccusations([accusation, court, station], [toStation, toCourt]))).toEqual([
    ...['new: accusation', 'new: station', 'new: court'],
  ]);
  expect(told(partAccusations([accusation, court, station], [toCourt, stationToCourt]))).toEqual([
    ...['new: accusation', 'new: station court'],
  ]);
});

test('The accused keep the dispute that they know; what goes with them goes up in it, and the accusation founds its own', () => {
  const parting = partAccusations(
    [
      { ...accusation, ...inDispute('d1') },
      { ...court, ...inDispute('d1') },
      { ...station, ...inDispute('d2') },
    ],
    [toCourt, stationToCourt],
  );
  expect(told(parting)).toEqual(['new: accusation', 'd2: station court']);
  expect(parting.moved.map(({ recordId }) => recordId)).toEqual(['accusation']);
  expect(parting.merged.map(({ from, into }) => [from, into.disputeId])).toEqual([['d1', 'd2']]);
});

test('Two disputes of one part go up in that of the earliest record', () => {
  const parting = partAccusations(
    [accusation, { ...court, ...inDispute('d1') }, { ...station, ...inDispute('d2') }],
    [toCourt, stationToCourt],
  );
  expect(told(parting)).toEqual(['new: accusation', 'd2: station court']);
  expect(parting.moved.map(({ recordId }) => recordId)).toEqual(['accusation']);
  expect(parting.merged.map(({ from, into }) => [from, into.disputeId])).toEqual([['d1', 'd2']]);
});

test('What is parted already stays as it is', () => {
  const parted = [
    { ...accusation, ...inDispute('d1') },
    { ...court, ...inDispute('d2') },
    { ...station, ...inDispute('d2') },
  ];
  expect(partAccusations(parted, [toCourt, stationToCourt])).toMatchObject({ moved: [], merged: [] });
});

test('A relief of the accused parts it too, and follows the others', () => {
  const relief = record('relief', 4, { category: null, offices: ['county/station/'] });
  const parting = partAccusations([accusation, court, relief], [toCourt, { a: 'relief', b: 'court' }]);
  expect(told(parting)).toEqual(['new: accusation', 'new: court']);
  expect(parting.moved.find(({ recordId }) => recordId === 'relief')?.part.records).toEqual([court]);
});

test('What a human took out is not brought back, and what is gone holds nothing together', () => {
  const out = { ...court, parted: ['d1'] };
  expect(told(partAccusations([{ ...accusation, ...inDispute('d1') }, out], [toCourt]))).toEqual([
    ...['d1: accusation', 'new: court'],
  ]);
  expect(told(partAccusations([accusation, { ...station, gone: true }, court], [toStation, stationToCourt]))).toEqual([
    ...['new: accusation', 'new: court'],
  ]);
});
