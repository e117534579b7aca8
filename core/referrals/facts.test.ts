import { expect, test } from 'vitest';
import { organisations } from '../../test/kit/referral.ts';
import { relate } from './facts.ts';

const free = relate({ organisations, accused: [] });

test('An organisation is known while it is open', () => {
  expect(['court', 'closed', 'nowhere'].map(free.knows)).toEqual([true, false, false]);
});

test('The accused and everybody under them are barred, nobody beside or above', () => {
  const { isBarred } = relate({ organisations, accused: ['community', 'unknown'] });
  const barred = organisations.map(({ id }) => id).filter(isBarred);
  expect(barred).toEqual(['community', 'compound', 'grid']);
  expect(isBarred('nowhere')).toBe(false);
});

test('The superior is the nearest above both', () => {
  expect(free.superiorOf('justice', 'grid')).toBe('street');
  expect(free.superiorOf('police', 'court')).toBe('county');
  // A bureau and its station: neither decides in its own cause.
  expect(free.superiorOf('police', 'station')).toBe('county');
});

test('A superior that is closed or accused leaves it to the next above, and at last to the centre', () => {
  const closed = organisations.map((one) => (one.id === 'street' ? { ...one, closedAt: '2026-01-01' } : one));
  expect(relate({ organisations: closed, accused: [] }).superiorOf('justice', 'grid')).toBe('county');
  const top = organisations.map((one) => (one.id === 'county' ? { ...one, closedAt: '2026-01-01' } : one));
  const { superiorOf } = relate({ organisations: top, accused: [] });
  expect(superiorOf('police', 'court')).toBe('centre');
  // The centre does not decide between itself and another.
  expect([superiorOf('centre', 'court'), superiorOf('court', 'centre')]).toEqual([null, null]);
  expect(relate({ organisations: top, accused: ['centre'] }).superiorOf('police', 'court')).toBeNull();
});

test('One level up passes over what is closed, and ends at the top', () => {
  expect(['grid', 'station', 'county', 'nowhere'].map(free.levelUp)).toEqual(['compound', 'police', null, null]);
  const closed = organisations.map((one) => (one.id === 'compound' ? { ...one, closedAt: '2026-01-01' } : one));
  expect(relate({ organisations: closed, accused: [] }).levelUp('grid')).toBe('community');
});

test('Above is every level above, not the organisation itself', () => {
  expect(free.isAbove('street', 'grid')).toBe(true);
  expect(free.isAbove('grid', 'grid')).toBe(false);
  expect(free.isAbove('police', 'court')).toBe(false);
});
