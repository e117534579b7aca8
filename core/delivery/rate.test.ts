import { expect, it } from 'vitest';
import { addressKey, createRate } from './rate.ts';

let now = 0;
const clock = (): Date => new Date(now);

it('A bucket gives its burst at once, then as fast as it fills, and says how long to wait', () => {
  const rate = createRate({ perMinute: 6, burst: 2, most: 10 }, clock);
  expect([rate.take('a'), rate.take('a'), rate.take('a'), rate.take('b')]).toEqual([0, 0, 10, 0]);
  now += 4_500;
  expect(rate.take('a')).toBe(6);
  now += 5_500;
  expect([rate.take('a'), rate.take('a')]).toEqual([0, 10]);
  now += 3_600_000;
  expect([rate.take('a'), rate.take('a'), rate.take('a')]).toEqual([0, 0, 10]);
});

it('A clock that is set back neither fills nor empties it', () => {
  const rate = createRate({ perMinute: 60, burst: 1, most: 10 }, clock);
  expect(rate.take('a')).toBe(0);
  now -= 60_000;
  expect(rate.take('a')).toBe(1);
  now += 1_000;
  expect(rate.take('a')).toBe(0);
});

it('Of very many it forgets the quietest', () => {
  const rate = createRate({ perMinute: 1, burst: 1, most: 3 }, clock);
  for (const key of ['a', 'b', 'c']) rate.take(key);
  expect(rate.take('a')).toBeGreaterThan(0);
  rate.take('d');
  expect([rate.take('a') > 0, rate.take('b')]).toEqual([true, 0]);
});

it.each([
  ['10.0.0.1', '10.0.0.1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0db8:1:2::1', '2001:db8:1:2::/64'],
  ['not an address', 'not an address'],
])('%s counts as %s', (address, key) => {
  expect(addressKey(address)).toBe(key);
});
