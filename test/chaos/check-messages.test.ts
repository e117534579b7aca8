import { expect, test } from 'vitest';
import { checkLanes } from './check-messages.ts';
import type { Told } from './receiver.ts';

const told = (sequence: number, more: Partial<Told> = {}): Told => ({
  ...{ id: `msg_${sequence}`, type: 'referral.progress', referral: 'ref_1', sequence, text: '' },
  data: { event: `evt_${sequence}` },
  ...more,
});
const faults = (...taken: readonly Told[]): string[] => [
  ...checkLanes({ org: 'police', taken, effects: new Map(taken.map((one) => [one.id, one])) }),
];

test('The last message of a lane may come again; then the next one comes, and nothing else', () => {
  expect(faults(told(1), told(1), told(2), told(3), told(3))).toEqual([]);
  expect(faults(told(1), told(3))).toHaveLength(1);
  expect(faults(told(2))).toHaveLength(1);
  expect(faults(told(1), told(2), told(1))).toHaveLength(1);
});

test('Referrals are told beside each other', () => {
  const other = { referral: 'ref_2', id: 'msg_other', data: { event: 'evt_other' } };
  expect(faults(told(1), told(1, other), told(2))).toEqual([]);
});

test('One step told by two messages has two effects', () => {
  expect(faults(told(1), told(2, { data: { event: 'evt_1' } }))).toEqual([
    'police: event evt_1 had two effects, by msg_1 and msg_2',
  ]);
});
