import { readFileSync, writeFileSync } from 'node:fs';
import { Converter } from 'opencc-js/t2cn';
import { pinyin } from 'pinyin-pro';
import { expect, test } from 'vitest';
import { simplify, syllable, SYLLABLES } from './syllable.ts';

const LAST = 0x323af;
/** Compatibility forms do not come so far: `normaliseName` folds them. */
const characters = Array.from({ length: LAST }, (_, code) => String.fromCodePoint(code)).filter(
  (character) => /\p{Script=Han}/u.test(character) && character === character.normalize('NFKC'),
);

test('The table of syllables is how pinyin-pro reads each character', () => {
  const bySyllable = new Map<string, string>();
  for (const character of characters) {
    const read = pinyin(character, { toneType: 'none', v: true });
    if (read !== character) bySyllable.set(read, `${bySyllable.get(read) ?? ''}${character}`);
  }
  const table = [...bySyllable].map(([read, all]) => `${read} ${all}\n`).sort();
  // UPDATE=1 npx vitest run --project units core/people/matching/syllable.test.ts
  if (process.env['UPDATE']) writeFileSync(SYLLABLES, table.join(''));
  expect(readFileSync(SYLLABLES, 'utf8')).toBe(table.join(''));
});

test('Syllables are told apart as in the south of the country; what is no Chinese character stands for itself', () => {
  expect(['张', '女', '陈', '程', '々', '𠀾', 'A', 'é', '\n', ' '].map(syllable)).toEqual([
    ...['zan', 'lv', 'cen', 'cen', 'tong', '𠀾', 'A', 'é', '\n', ' '],
  ]);
});

test('A character of the traditional script has the simplified form that OpenCC gives it', () => {
  const convert = (Converter as unknown as (of: object) => (text: string) => string)({ from: 't', to: 'cn' });
  // A line each: it converts whole words otherwise.
  expect(characters.map(simplify).join('\n')).toBe(convert(characters.join('\n')));
});
