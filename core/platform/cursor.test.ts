import { expect, it } from 'vitest';
import { openCursor, pageSize, sealCursor } from './cursor.ts';
import { createKeyring } from './keyring.ts';

const keyring = createKeyring(Buffer.alloc(32, 1));
const position = { sort: '2026-03-01T00:00:00.000Z', id: 'dsp_1' };

it('comes back as it was, and says nothing to who holds it', () => {
  const cursor = sealCursor(keyring, 'disputes', position);
  expect(openCursor(keyring, 'disputes', cursor)).toEqual(position);
  expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toContain('dsp_1');
});

it.each(['', 'nonsense', Buffer.from('["a","b"]').toString('base64url')])('refuses a forged cursor (%#)', (forged) => {
  expect(() => openCursor(keyring, 'disputes', forged)).toThrow(
    expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field: 'after' } }),
  );
});

it('refuses the cursor of another list', () => {
  const cursor = sealCursor(keyring, 'Person.disputes per_1', position);
  expect(() => openCursor(keyring, 'Person.disputes per_2', cursor)).toThrow('does not belong to this list');
});

it('takes page sizes from 1 to 100', () => {
  expect([pageSize(1, 20), pageSize(100, 20), pageSize(null, 20), pageSize(undefined, 50)]).toEqual([1, 100, 20, 50]);
  for (const size of [0, -1, 101, 1.5]) {
    expect(() => pageSize(size, 20)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field: 'first' } }),
    );
  }
});
