/**
 * The exact rule: two mentions are one person when their valid citizen IDs are equal and their names or their birth dates
 * are as well. An equal ID alone joins nobody: a mother's number on a child's form is common.
 */

export const EXACT_RULE = 'rule:citizen-id-exact/1';

/** What the rule looks at: keyed hashes as text, so that it never meets a name. */
export interface JoiningData {
  readonly id: string;
  /** Null without a valid number. */
  readonly citizenId: string | null;
  readonly name: string;
  readonly birthDate: string | null;
}

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

export const isSamePerson = (a: JoiningData, b: JoiningData): boolean =>
  a.citizenId !== null &&
  a.citizenId === b.citizenId &&
  (a.name === b.name || (a.birthDate !== null && a.birthDate === b.birthDate));

/**
 * Who is one person with whom, transitively; in the order of the mentions given. Every mention is in exactly one part.
 * The same mentions in another order make the same parts.
 */
export function partition<M extends JoiningData>(mentions: readonly M[]): M[][] {
  const root = new Map<string, string>();
  const find = (key: string): string => {
    const above = root.get(key) ?? key;
    if (above === key) return key;
    const top = find(above);
    root.set(key, top);
    return top;
  };
  // Equal name or equal birth date under one number: both are equalities, so mentions meet at a shared key.
  const keysOf = ({ id, citizenId, name, birthDate }: M): string[] =>
    citizenId === null
      ? [`m/${id}`]
      : [`n/${citizenId}/${name}`, ...(birthDate === null ? [] : [`b/${citizenId}/${birthDate}`])];
  for (const mention of mentions) {
    const [first, second] = keysOf(mention);
    if (first !== undefined && second !== undefined) root.set(find(second), find(first));
  }
  const parts = new Map<string, M[]>();
  for (const mention of mentions) {
    const top = find(keysOf(mention)[0] ?? '');
    const part = parts.get(top);
    if (part) part.push(mention);
    else parts.set(top, [mention]);
  }
  return [...parts.values()];
}
