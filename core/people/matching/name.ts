/** Names as offices write them: how much two agree, and what of that is a slip of the pen. */
import { DOTS, normaliseName } from '../normal-form.ts';
import { lookAlike } from './look-alike.ts';
import { simplify, syllable } from './syllable.ts';

export interface Name {
  /** One way of writing: no dots, no spaces, simplified characters. Empty: nobody's. */
  readonly characters: readonly string[];
  readonly sounds: readonly string[];
  /** Its first part where it has two, as minority names do (given name · father's name); empty otherwise. */
  readonly firstPart: string;
}

/**
 * EQUAL: written the same, in either script, with or without the dot. SOUND: written otherwise, said the same. LOOK: one character
 * is taken for another. ALIAS: 小敏, 阿敏, 敏敏, 老张, or a first part alone. PART: all but one character. SURNAME: that alone.
 */
export type NameAgreement = 'EQUAL' | 'SOUND' | 'LOOK' | 'ALIAS' | 'PART' | 'SURNAME' | 'DIFFERENT' | 'MISSING';

export function readName(written: string): Name {
  const characters = [...normaliseName(written)].map(simplify);
  const [first = '', second = ''] = written.normalize('NFKC').trim().split(DOTS);
  return {
    characters,
    sounds: characters.map(syllable),
    firstPart: second.trim() === '' ? '' : [...normaliseName(first)].map(simplify).join(''),
  };
}

const isNickname = (short: readonly string[], { characters: full, firstPart }: Name): boolean => {
  if (firstPart !== '') return short.join('') === firstPart;
  if (short.length !== 2 || full.length < 2) return false;
  const [before, after] = short;
  const last = full.at(-1);
  if (after === last && (before === '小' || before === '阿' || before === last)) return true;
  return (before === '老' || before === '小') && after === full[0];
};

/** At how many places they have another character; the same length is taken for granted. */
const differing = (a: readonly string[], b: readonly string[]): number[] =>
  a.flatMap((character, at) => (character === b[at] ? [] : [at]));

export function compareNames(a: Name, b: Name): NameAgreement {
  const [length, other] = [a.characters.length, b.characters.length];
  if (length === 0 || other === 0) return 'MISSING';
  if (length === other) {
    const [at = -1, ...more] = differing(a.characters, b.characters);
    if (at === -1) return 'EQUAL';
    if (differing(a.sounds, b.sounds).length === 0) return 'SOUND';
    const isOne = more.length === 0 && length > 1;
    if (isOne && lookAlike(a.characters[at] ?? '', b.characters[at] ?? '')) return 'LOOK';
    if (isOne && length > 2) return 'PART';
  }
  if (isNickname(a.characters, b) || isNickname(b.characters, a)) return 'ALIAS';
  return a.characters[0] === b.characters[0] ? 'SURNAME' : 'DIFFERENT';
}
