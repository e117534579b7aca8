import { expect, test } from 'vitest';
import { caller, organisations, playbook, tell } from '../../test/kit/referral.ts';
import type { Caller } from '../access/caller.ts';
import { actsFor, sidesOf } from './side.ts';
import type { ReferralState } from './state.ts';

const byId = new Map(organisations.map((one) => [one.id, one]));
const state: ReferralState = tell(
  { playbook: playbook() },
  {
    ...{ from: 'petitions', lead: 'station' },
    participants: [
      { organisation: 'community', role: 'UNDERTAKING', reportedAt: null },
      { organisation: 'justice', role: 'ASSISTING', reportedAt: null },
      { organisation: 'court', role: 'GUIDING', reportedAt: null },
    ],
  },
).state();
const sides = (who: Caller, of = state) => sidesOf(who, of, byId);

test('An organisation has the sides that it takes part on', () => {
  expect(sides(caller('petitions'))).toEqual(['SENDER']);
  expect(sides(caller('station'))).toEqual(['LEAD']);
  expect(sides(caller('community'))).toEqual(['UNDERTAKING']);
  expect(sides(caller('justice'))).toEqual(['ASSISTING']);
  expect(sides(caller('court'))).toEqual(['GUIDING']);
  expect(sides(caller('grid'))).toEqual([]);
});

test('A bureau acts for its station, a government not for what it governs', () => {
  expect(sides(caller('police'))).toEqual(['LEAD']);
  expect(sides(caller('street'))).toEqual([]);
  expect(sides(caller('county'))).toEqual([]);
  expect(actsFor(caller('street'), 'county/street/')).toBe(true);
  expect(actsFor(caller('police'), undefined)).toBe(false);
});

test('A name that another begins with is not above it', () => {
  expect(actsFor(caller('police'), 'county/police-2/')).toBe(false);
});

test('Auditors and analysts act for nobody, whatever their organisation', () => {
  for (const role of ['auditor', 'analyst'] as const) {
    expect(sides(caller('station', role))).toEqual([]);
    expect(sides(caller('centre', role))).toEqual([]);
  }
  expect(sides(caller('station', 'department.system'))).toEqual(['LEAD']);
});

test('The head of the lead’s unit is its head; another’s head is not', () => {
  expect(sides(caller('station', 'department.head'))).toEqual(['LEAD', 'HEAD']);
  expect(sides(caller('court', 'department.head'))).toEqual(['GUIDING']);
});

test('A superior is one only while it has to decide; the centre’s supervisor writes down what the conference decided', () => {
  expect(sides(caller('centre', 'centre.supervisor'))).toEqual(['CENTRE']);
  const contested = { ...state, superior: 'county' };
  expect(sides(caller('county'), contested)).toEqual(['SUPERIOR']);
  expect(sides(caller('centre', 'centre.supervisor'), contested)).toEqual(['SUPERIOR', 'CENTRE']);
  expect(sides(caller('centre', 'centre.operator'), contested)).toEqual(['CENTRE']);
});
