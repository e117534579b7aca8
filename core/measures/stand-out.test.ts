import { expect, test } from 'vitest';
import { compareWithRest, standingOf, twoSided } from './stand-out.ts';

test('The normal probability is that of the tables', () => {
  for (const [z, p] of [
    [0, 1],
    [1, 0.3173105],
    [-1.959964, 0.05],
    [2.575829, 0.01],
    [3.5, 0.00046526],
  ] as const)
    expect(Math.abs(twoSided(z) - p)).toBeLessThan(1e-6);
});

test('A street is compared with the rest of the county, by the logarithm of what lies between their ratios', () => {
  const against = compareWithRest({ filings: 40, reported: 100 }, { filings: 240, reported: 1_100 });
  expect(against?.timesTheRest).toBeCloseTo(2, 10);
  expect(against?.z).toBeCloseTo(Math.log(2) / Math.sqrt(1 / 40 + 1 / 100 + 1 / 200 + 1 / 1_000), 10);
});

test('Where there is nothing to divide by there is no comparison', () => {
  for (const street of [
    { filings: 0, reported: 10 },
    { filings: 10, reported: 0 },
    { filings: 240, reported: 100 },
  ])
    expect(compareWithRest(street, { filings: 240, reported: 1_100 })).toBeNull();
});

test('What stands out among few need not among many, and never by little', () => {
  const against = { timesTheRest: 1.6, z: 2.5 };
  expect(standingOf(against, 1)).toBe('HIGHER');
  expect(standingOf(against, 20)).toBe('USUAL');
  expect(standingOf({ timesTheRest: 0.5, z: -4 }, 20)).toBe('LOWER');
  expect(standingOf({ timesTheRest: 1.1, z: 9 }, 20)).toBe('USUAL');
  expect(standingOf({ timesTheRest: 0.9, z: -9 }, 20)).toBe('USUAL');
});
