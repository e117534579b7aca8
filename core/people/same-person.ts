/**
 * The exact rule by itself, as a first load applies it: two mentions are one person when their valid citizen IDs are equal and their
 * names or their birth dates are as well. An equal ID alone joins nobody: a mother's number on a child's form is common. All else is
 * found when they are compared (`compare-waiting.ts`), which says the last word on this too.
 */
import type { Sex } from '../department-record.ts';
import type { Membership } from './assign-person.ts';
import type { Reason, Resolution } from './matching/resolve.ts';

export const EXACT_RULE = 'rule:citizen-id-exact/1';

/** What the rule looks at: keyed hashes as text, so that it never meets a name. */
export interface JoiningData {
  readonly id: string;
  /** Null without a valid number. */
  readonly citizenId: string | null;
  readonly name: string;
  readonly birthDate: string | null;
  readonly sex: Sex;
  /** Whom it is one with already, by whatever evidence: that stays; null for one that comes in now. */
  readonly settled: Membership | null;
}

export const hashText = (hash: Buffer | null): string | null => (hash === null ? null : hash.toString('latin1'));

export interface Agreement {
  readonly field: 'citizenId' | 'name' | 'birthDate';
  readonly agreement: 'EQUAL' | 'DIFFERENT' | 'MISSING';
}

/** How two mentions agree, field by field; no values. */
export function compare(a: JoiningData, b: JoiningData): Agreement[] {
  const of = (x: string | null, y: string | null): Agreement['agreement'] =>
    x === null || y === null ? 'MISSING' : x === y ? 'EQUAL' : 'DIFFERENT';
  return [
    { field: 'citizenId', agreement: of(a.citizenId, b.citizenId) },
    { field: 'name', agreement: of(a.name, b.name) },
    { field: 'birthDate', agreement: of(a.birthDate, b.birthDate) },
  ];
}

/**
 * Those of one number and name, of one number, birth date and sex, and those who are one already; transitively. `apart`: persons whom
 * a human has told apart. Whoever would make one of two of them stands alone, until all are compared.
 */
export function joinExactly(
  mentions: readonly JoiningData[],
  apart: readonly (readonly [string, string])[] = [],
): Pick<Resolution, 'parts' | 'reasons'> {
  const root = new Map<string, string>();
  const find = (key: string): string => {
    const above = root.get(key) ?? key;
    if (above === key) return key;
    const top = find(above);
    root.set(key, top);
    return top;
  };
  const exactKeys = ({ citizenId, name, birthDate, sex }: JoiningData): string[] =>
    citizenId === null
      ? []
      : [`n/${citizenId}/${name}`, ...(birthDate === null ? [] : [`b/${citizenId}/${birthDate}/${sex}`])];
  const keysOf = (mention: JoiningData): [string, ...string[]] => [
    mention.settled === null ? `m/${mention.id}` : `p/${mention.settled.personId}`,
    ...exactKeys(mention),
  ];
  const holders = new Map<string, string>();
  const reasons = new Map<string, Reason>();
  for (const mention of mentions) {
    const [first, ...others] = keysOf(mention);
    for (const key of others) {
      root.set(find(key), find(first));
      const holder = holders.get(key);
      if (holder === undefined) holders.set(key, mention.id);
      else
        for (const [end, other] of [
          [mention.id, holder],
          [holder, mention.id],
        ] as const)
          if (!reasons.has(end)) reasons.set(end, { rule: 'CITIZEN_ID', with: other, score: null, evidence: null });
    }
  }
  const torn = new Set(apart.flatMap(([x, y]) => (find(`p/${x}`) === find(`p/${y}`) ? [find(`p/${x}`)] : [])));
  if (torn.size > 0)
    return joinExactly(mentions.map((one) => (torn.has(find(keysOf(one)[0])) ? { ...one, citizenId: null } : one)));
  for (const { id, settled } of mentions)
    if (settled !== null && settled.matchedBy !== 'SINGLE') {
      const { matchedBy: rule, matchedWith, score } = settled;
      reasons.set(id, { rule, with: matchedWith ?? '', score, evidence: null });
    }
  const parts = new Map<string, string[]>();
  for (const mention of mentions) {
    const top = find(keysOf(mention)[0]);
    const part = parts.get(top);
    if (part) part.push(mention.id);
    else parts.set(top, [mention.id]);
  }
  return { parts: [...parts.values()], reasons };
}
