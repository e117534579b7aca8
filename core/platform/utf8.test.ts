import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

/** Long enough to go the long way. */
const long = (text: string): string => text + '枫桥'.repeat(600);

test('Text becomes the bytes, and bytes the text, that Node makes of them', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (drawn, isLong) => {
      const text = isLong ? long(drawn) : drawn;
      const bytes = Buffer.from(text, 'utf8');
      expect(encodeUtf8(text).equals(bytes)).toBe(true);
      expect(decodeUtf8(bytes)).toBe(bytes.toString('utf8'));
    }),
  );
});

test('What is not well formed becomes a sign that it was not, and nothing fails', () => {
  const half = long('一\ud83d二');
  expect(encodeUtf8(half).toString('utf8')).toBe(half.replace('\ud83d', '\ufffd'));
  const broken = Buffer.concat([Buffer.from(long('一')), Buffer.from([0xe6, 0x9e]), Buffer.from('二')]);
  expect(decodeUtf8(broken)).toBe(`${long('一')}\ufffd二`);
  const latin = Buffer.concat([Buffer.alloc(2_000, 'a'), Buffer.from([0xff])]);
  expect(decodeUtf8(latin)).toBe(`${'a'.repeat(2_000)}\ufffd`);
});

test('Many letters of plain ASCII, an emoji, nothing', () => {
  for (const text of ['', 'a'.repeat(5_000), '🍁'.repeat(600), '\ufeff' + 'a'.repeat(2_000), '枫'.repeat(600_000)]) {
    expect(decodeUtf8(encodeUtf8(text))).toBe(text);
  }
});
