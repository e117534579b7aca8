import fc from 'fast-check';
import iconv from 'iconv-lite';
import { expect, test } from 'vitest';
import { csvFields, cutLines, decodeGb18030, fixedFields, widthOf } from './files-text.ts';
import type { FixedLayout } from './files-text.ts';

const gb = (text: string): Buffer => iconv.encode(text, 'gb18030');
const layout: FixedLayout = [
  ['姓名', 20],
  ['证件号码', 18],
  ['住址', 30],
];
const padded = (...fields: readonly string[]): Buffer =>
  Buffer.concat(
    fields.map((field, index) => {
      const bytes = gb(field);
      return Buffer.concat([bytes, Buffer.alloc(Math.max(0, (layout[index]?.[1] ?? 0) - bytes.length), ' ')]);
    }),
  );

test('GB18030 of one, two and four bytes is decoded, rare characters of names too', () => {
  for (const text of ['Wang', '王小明', '買買提·艾力', '㛃𬤊', '１２３（Ａ）'])
    expect(decodeGb18030(gb(text))).toBe(text);
});

test('Bytes that are no GB18030 are null, not question marks', () => {
  for (const bytes of [[0xff], [0x41, 0x81], [0xb0], [0x81, 0x2c], [0x81, 0x30, 0x81, 0x41]])
    expect(decodeGb18030(Buffer.from(bytes))).toBeNull();
});

test('Lines are cut by bytes, whatever ends them; an unfinished one waits unless it is the last', () => {
  const bytes = Buffer.from('a\r\nb\n\r\nc');
  expect(cutLines(bytes, false).map(({ line }) => line.toString())).toEqual(['a', 'b', '']);
  expect(cutLines(bytes, false).at(-1)?.to).toBe(7);
  expect(cutLines(bytes, true).map(({ line }) => line.toString())).toEqual(['a', 'b', '', 'c']);
  expect(cutLines(Buffer.alloc(0), true)).toEqual([]);
});

test('A comma within quotes is none, a doubled quote is one, quotes that do not match are a fault', () => {
  expect(csvFields('a,"b,""c""",,"",d')).toEqual(['a', 'b,"c"', '', '', 'd']);
  expect(csvFields('')).toEqual(['']);
  for (const line of ['a,"b', 'a,"b"c,d', 'a,b"c"']) expect(csvFields(line)).toBeNull();
});

test('Any fields written as CSV are read back', () => {
  const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('a', ',', '"', ' ', '王') }), { minLength: 1 }),
      (fields) => {
        expect(csvFields(fields.map(quoted).join(','))).toEqual(fields);
      },
    ),
  );
});

test('Widths are bytes, not characters', () => {
  expect(widthOf(layout)).toBe(68);
  expect(fixedFields(padded('欧阳𬤊㛃', '99010219680804729X', '青枫街道2幢'), layout)).toEqual({
    fields: { 姓名: '欧阳𬤊㛃', 证件号码: '99010219680804729X', 住址: '青枫街道2幢' },
  });
});

test('Any text that fits is read back from its columns', () => {
  const text = fc
    .string({ unit: fc.constantFrom('a', '7', '王', '·', '㛃', '𬤊', '（', '€'), maxLength: 7 })
    .filter((field) => gb(field).length <= 18);
  fc.assert(
    fc.property(text, text, text, (name, id, address) => {
      expect(fixedFields(padded(name, id, address), layout)).toEqual({
        fields: { 姓名: name, 证件号码: id, 住址: address },
      });
    }),
  );
});

test('A character that the end of its column cuts through names the column', () => {
  const line = padded(`${'a'.repeat(19)}王`, '', '');
  expect(fixedFields(line, layout)).toEqual({ badField: '姓名' });
});

test('Bytes that are no GB18030 name their column', () => {
  const line = padded('王小明', '990102196808047296', '青枫街道');
  line.fill(0xff, 40, 42);
  expect(fixedFields(line, layout)).toEqual({ badField: '住址' });
});
