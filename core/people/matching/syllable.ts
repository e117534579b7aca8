/** How a character sounds, and its form in the mainland's script. Each is worked out once: a county writes its names with three thousand. */
import { Converter } from 'opencc-js/t2cn';
import { pinyin } from 'pinyin-pro';

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

/** What its own types mean to say: they name each other without endings, which this module resolution does not follow. */
type MakeConverter = (options: { readonly from: 't'; readonly to: 'cn' }) => (text: string) => string;
const toSimplified = (Converter as unknown as MakeConverter)({ from: 't', to: 'cn' });

/** 張 as 张. Character by character: which word one stands in does not matter in a name. */
export const simplify = remembered((character) => toSimplified(character));

/** `zhang` and `zang` are one; without tones; what is no Chinese character stands for itself. Each has one reading only. */
export const syllable = remembered((character) =>
  ALIKE.reduce((sound, [from, to]) => sound.replace(from, to), pinyin(character, { toneType: 'none', v: true })),
);
