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

const exactKeys = ({ citizenId, name, birthDate, sex }: JoiningData): string[] =>
  citizenId === null
    ? []
    : birthDate === null
      ? [`n/${citizenId}/${name}`]
      : [`n/${citizenId}/${name}`, `b/${citizenId}/${birthDate}/${sex}`];

/**
 * Those of one number and name, of one number, birth date and sex, and those who are one already; transitively. `apart`: persons whom
 * a human has told apart. Whoever would make one of two of them stands alone, until all are compared.
 */
export function joinExactly(
  mentions: readonly JoiningData[],
  apart: readonly (readonly [string, string])[] = [],
): Pick<Resolution, 'parts' | 'reasons'> {
  // Mentions by their places.
  const above = mentions.map((_, at) => at);
  const find = (at: number): number => {
    let top = at;
    while (above[top] !== top) top = above[top] as number;
    above[at] = top;
    return top;
  };
  /** The first of each key; all others are one with it. */
  const holders = new Map<string, number>();
  const hold = (key: string, at: number): JoiningData | null => {
    const holder = holders.get(key);
    if (holder === undefined) holders.set(key, at);
    else above[find(at)] = find(holder);
    return holder === undefined ? null : (mentions[holder] as JoiningData);
  };
  const reasons = new Map<string, Reason>();
  const join = (id: string, other: string): void => {
    if (!reasons.has(id)) reasons.set(id, { rule: 'CITIZEN_ID', with: other, score: null, evidence: null });
  };
  for (const [at, mention] of mentions.entries()) {
    if (mention.settled !== null) hold(`p/${mention.settled.personId}`, at);
    for (const key of exactKeys(mention)) {
      const holder = hold(key, at);
      if (holder === null) continue;
      join(mention.id, holder.id);
      join(holder.id, mention.id);
    }
  }
  const torn = new Set(
    apart.flatMap((two) => {
      const [x, y] = two.map((personId) => holders.get(`p/${personId}`));
      return x !== undefined && y !== undefined && find(x) === find(y) ? [find(x)] : [];
    }),
  );
  if (torn.size > 0)
    return joinExactly(mentions.map((one, at) => (torn.has(find(at)) ? { ...one, citizenId: null } : one)));
  for (const { id, settled } of mentions)
    if (settled !== null && settled.matchedBy !== 'SINGLE') {
      const { matchedBy: rule, matchedWith, score } = settled;
      reasons.set(id, { rule, with: matchedWith ?? '', score, evidence: null });
    }
  const parts = new Map<number, string[]>();
  for (const [at, { id }] of mentions.entries()) {
    const top = find(at);
    const part = parts.get(top);
    if (part) part.push(id);
    else parts.set(top, [id]);
  }
  return { parts: [...parts.values()], reasons };
}
