import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { loadKeyring } from './key-folder.ts';
import { createKeyring } from './keyring.ts';

const keyring = createKeyring(Buffer.alloc(32, 7));
const folder = mkdtempSync(join(tmpdir(), 'maplebridge-keys-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('opens what it sealed, and nothing that was moved, changed or sealed for another use', () => {
  const sealed = keyring.seal('index.cipher', '宋枫桥', 'men_1');
  expect(keyring.open('index.cipher', sealed, 'men_1').toString()).toBe('宋枫桥');
  expect(() => keyring.open('index.cipher', sealed, 'men_2')).toThrow('cannot be opened');
  expect(() => keyring.open('cache', sealed, 'men_1')).toThrow('cannot be opened');
  const changed = Buffer.from(sealed);
  changed[20] = (changed[20] ?? 0) ^ 1;
  expect(() => keyring.open('index.cipher', changed, 'men_1')).toThrow('cannot be opened');
  expect(() => keyring.open('index.cipher', Buffer.alloc(3), 'men_1')).toThrow('cannot be opened');
});

it('seals the same text differently every time', () => {
  const one = keyring.seal('cache', 'x', 'a');
  expect(one.equals(keyring.seal('cache', 'x', 'a'))).toBe(false);
});

it('hashes equal parts equally and differently cut parts differently', () => {
  expect(keyring.hash('index.hash', 'ab', 'c')).toEqual(keyring.hash('index.hash', 'ab', 'c'));
  expect(keyring.hash('index.hash', 'ab', 'c')).not.toEqual(keyring.hash('index.hash', 'a', 'bc'));
});

it('hashes as HMAC-SHA-256 does, texts of any length and script', () => {
  for (const text of ['', 'a', '宋枫桥', '\ud800', 'x'.repeat(63), '桥'.repeat(5_000), 'x'.repeat(5_000)]) {
    const framed = `${Buffer.byteLength(text)}:${text}`;
    const expected = createHmac('sha256', keyring.key('index.hash')).update(framed).digest();
    expect(keyring.hash('index.hash', text)).toEqual(expected);
  }
});

it('makes a key once and keeps it', () => {
  const first = loadKeyring(folder, { create: true });
  const second = loadKeyring(folder, { create: true });
  expect(second.key('cache')).toEqual(first.key('cache'));
});

it('refuses to go on without a key where it must not make one, and with a damaged one', () => {
  expect(() => loadKeyring(join(folder, 'none'), { create: false })).toThrow('MAPLEBRIDGE_KEYS');
  loadKeyring(folder, { create: true });
  writeFileSync(join(folder, 'master.key'), 'not hex');
  expect(() => loadKeyring(folder, { create: true })).toThrow('64 hex digits');
});
