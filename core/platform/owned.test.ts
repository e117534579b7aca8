import { expect, it } from 'vitest';
import { makeDataKey } from './data-keys.ts';
import { createKeyring } from './keyring.ts';
import { openOwned, sealOwned } from './owned.ts';

const keyring = createKeyring(Buffer.alloc(32, 7));
const own = { owner: 'ref_1', wrapped: makeDataKey(keyring, 'ref_1').wrapped };
const old = { owner: 'ref_1', wrapped: null };
const destroyed = { owner: 'ref_1', wrapped: Buffer.alloc(0) };

it('opens in its own place what the owner’s key sealed, or the installation’s', () => {
  for (const holder of [own, old]) {
    const sealed = sealOwned(keyring, 'referral', holder, '已受理。', 'evt_1');
    expect(openOwned(keyring, 'referral', holder, sealed, 'evt_1')).toBe('已受理。');
    expect(() => openOwned(keyring, 'referral', holder, sealed, 'evt_2')).toThrow('cannot be opened');
    expect(() => openOwned(keyring, 'cache', old, sealed, 'evt_1')).toThrow('cannot be opened');
  }
});

it('opens what a program from before wrote where there is a key, and nothing the other way round', () => {
  const before = sealOwned(keyring, 'referral', old, '已受理。', 'evt_1');
  expect(openOwned(keyring, 'referral', own, before, 'evt_1')).toBe('已受理。');
  const after = sealOwned(keyring, 'referral', own, '已受理。', 'evt_1');
  expect(() => openOwned(keyring, 'referral', old, after, 'evt_1')).toThrow('cannot be opened');
});

it('reads nothing of what was destroyed, and adds nothing to it', () => {
  const sealed = sealOwned(keyring, 'referral', own, '已受理。', 'evt_1');
  expect(openOwned(keyring, 'referral', destroyed, sealed, 'evt_1')).toBeNull();
  expect(() => sealOwned(keyring, 'referral', destroyed, '补充', 'evt_2')).toThrow('destroyed');
});
