/** What humans have decided of who is who. It binds; of decisions that cannot all hold, the later word holds. */

export interface Decision {
  /** Two mentions; `a` before `b`. */
  readonly a: string;
  readonly b: string;
  readonly same: boolean;
  /** Milliseconds. */
  readonly at: number;
}

export interface Settled {
  /** Can all hold at once. */
  readonly standing: readonly Decision[];
  /** What follows from later ones is the opposite. */
  readonly overruled: readonly Decision[];
}

/** By their ids. */
export const before = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const latest = (x: Decision, y: Decision): number =>
  y.at - x.at || Number(x.same) - Number(y.same) || before(x.a, y.a) || before(x.b, y.b);

interface Group {
  readonly members: Set<string>;
  /** Of whom it was said that they are none of these. */
  readonly others: Set<string>;
}

/** In whatever order they are given. */
export function settle(decisions: readonly Decision[]): Settled {
  const groups = new Map<string, Group>();
  const of = (id: string): Group => {
    let group = groups.get(id);
    if (!group) groups.set(id, (group = { members: new Set([id]), others: new Set() }));
    return group;
  };
  const unite = (x: Group, y: Group): void => {
    for (const id of y.members) {
      x.members.add(id);
      groups.set(id, x);
    }
    for (const id of y.others) x.others.add(id);
  };
  const standing: Decision[] = [];
  const overruled: Decision[] = [];
  for (const decision of [...decisions].sort(latest)) {
    const [x, y] = [of(decision.a), of(decision.b)];
    const holds = decision.same ? x === y || [...x.others].every((id) => !y.members.has(id)) : x !== y;
    (holds ? standing : overruled).push(decision);
    if (!holds) continue;
    if (!decision.same) {
      x.others.add(decision.b);
      y.others.add(decision.a);
    } else if (x !== y) unite(x, y);
  }
  return { standing, overruled };
}

/** By mention, all that was said of it; the same text for those of whom the same was said of the same others. */
export function decidedOf(decisions: readonly Decision[]): Map<string, string> {
  const words = new Map<string, string[]>();
  const note = (id: string, word: string): void => {
    const known = words.get(id);
    if (known) known.push(word);
    else words.set(id, [word]);
  };
  for (const { a, b, same } of decisions) {
    note(a, `${same ? '=' : '#'}${b}`);
    note(b, `${same ? '=' : '#'}${a}`);
  }
  return new Map([...words].map(([id, of]) => [id, of.sort().join()]));
}
