import { expect, test } from 'vitest';
import { createCallQuota } from './call-quota.ts';

function quotaAt(perMinute: number, bulkShare: number) {
  const clock = { ms: 1_000_000 };
  return { clock, quota: createCallQuota({ perMinute, bulkShare, now: () => clock.ms }) };
}

test('Bulk reading spends its share in any sixty seconds and no more', () => {
  const { clock, quota } = quotaAt(10, 0.6);
  for (let call = 0; call < 6; call += 1) {
    expect(quota.admit('bulk')).toBeNull();
    clock.ms += 1_000;
  }
  expect(quota.admit('bulk')).toBe(54_000);
  clock.ms += 54_000;
  expect(quota.admit('bulk')).toBeNull();
  expect(quota.admit('bulk')).toBe(1_000);
});

test('People who wait are not held up by what bulk reading has spent', () => {
  const { quota } = quotaAt(10, 0.1);
  expect(quota.admit('bulk')).toBeNull();
  expect(quota.admit('bulk')).not.toBeNull();
  for (let call = 0; call < 20; call += 1) expect(quota.admit('interactive')).toBeNull();
});

test('However small the share, bulk reading gets on', () => {
  expect(quotaAt(1, 0.01).quota.admit('bulk')).toBeNull();
});

test('When the system says to wait, nobody asks before', () => {
  const { clock, quota } = quotaAt(600, 0.6);
  quota.pause(30_000);
  expect(quota.admit('interactive')).toBe(30_000);
  expect(quota.admit('bulk')).toBe(30_000);
  clock.ms += 30_000;
  expect(quota.admit('interactive')).toBeNull();
  expect(quota.admit('bulk')).toBeNull();
});

test('A wait of longer than the minute of the quota is not believed', () => {
  const { quota } = quotaAt(600, 0.6);
  quota.pause(24 * 60 * 60 * 1_000);
  expect(quota.admit('interactive')).toBe(60_000);
});
