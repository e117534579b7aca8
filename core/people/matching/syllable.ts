/** How a character sounds, and its form in the mainland's script. Each is worked out once: a county writes its names with three thousand. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import traditional from 'opencc-js/dict/TSCharacters';
import { projectRoot } from '../../platform/project-root.ts';

/** A line for each syllable, and behind a space all characters that are read so: pinyin-pro's, which takes longer to load than to ask. */
export const SYLLABLES = join(projectRoot, 'schema', 'identity', 'syllables.txt');

/** What the south of the country does not tell apart when a name is said over the telephone. */
const ALIKE: readonly (readonly [RegExp, string])[] = [
  [/^([zcs])h/, '$1'],
  [/^n/, 'l'],
  [/([aei])ng$/, '$1n'],
];

const remembered = (make: (character: string) => string): ((character: string) => string) => {
  const known = new Map<string, string>();
  return (character) => {
    let made = known.get(character);
    if (made === undefined) {
      made = make(character);
      known.set(character, made);
    }
    return made;
  };
};

let table: string | undefined;
function pinyinOf(character: string): string {
  table ??= `\n${readFileSync(SYLLABLES, 'utf8')}`;
  const at = character.charCodeAt(0) < 0x80 ? -1 : table.indexOf(character);
  if (at === -1) return character;
  const line = table.lastIndexOf('\n', at) + 1;
  return table.slice(line, table.indexOf(' ', line));
}

let simplified: ReadonlyMap<string, string> | undefined;

/** 張 as 张. Character by character: which word one stands in does not matter in a name. */
export const simplify = remembered((character) => {
  simplified ??= new Map(traditional.split('|').map((pair) => pair.split(' ') as [string, string]));
  return simplified.get(character) ?? character;
});

/** `zhang` and `zang` are one; without tones; what is no Chinese character stands for itself. Each has one reading only. */
export const syllable = remembered((character) =>
  ALIKE.reduce((sound, [from, to]) => sound.replace(from, to), pinyinOf(character)),
);
