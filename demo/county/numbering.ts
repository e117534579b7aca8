import { scramble } from './random.ts';
import { localDate, localYear } from './time.ts';

export interface Identity {
  readonly key: string;
  readonly number: string;
}

/** Keys and printed numbers in each department's own style. All of the county's own: no court bears 枫0102, no area 9901. */
export interface Numbering {
  /** `type`: 民初 刑初 行初 执 民诉前调 民特 民保令. */
  court(type: string, at: number): Identity;
  police(township: number, at: number): Identity;
  petition(at: number): Identity;
  /** `letters`: two that name the register: HY marriages, LH divorces, JZ relief … */
  civil(letters: string, at: number): Identity;
}

export function createNumbering(seed: number): Numbering {
  const counters = new Map<string, number>();
  const count = (name: string): number => {
    const next = (counters.get(name) ?? 0) + 1;
    counters.set(name, next);
    return next;
  };
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0').slice(-digits);

  return {
    court: (type, at) => ({
      key: String(10_000_000 + count('court')),
      number: `（${localYear(at)}）枫0102${type}${count(`${type}${localYear(at)}`)}号`,
    }),
    police: (township, at) => {
      const station = String(township + 1).padStart(2, '0');
      const day = localDate(at).replaceAll('-', '');
      const order = count('police');
      return {
        key: hex(Math.floor(at / 1000), 8) + hex(scramble(seed), 8) + hex(order, 8),
        number: `J9901${station}${day}${String(count(`police${station}${day}`)).padStart(4, '0')}`,
      };
    },
    petition: (at) => {
      const order = count('petition');
      const words = [0, 1, 2, 3].map((word) => hex(scramble(word === 0 ? order : order ^ scramble(seed + word)), 8));
      return {
        key: words.join('').toUpperCase(),
        number: `XF9901${localYear(at)}${String(count(`petition${localYear(at)}`)).padStart(6, '0')}`,
      };
    },
    civil: (letters, at) => ({
      key: `${letters}${String(localYear(at)).slice(2)}${String(count('civil')).padStart(8, '0')}`,
      number: `${letters}990102-${localYear(at)}-${String(count(`${letters}${localYear(at)}`)).padStart(6, '0')}`,
    }),
  };
}
