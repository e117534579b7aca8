/** Which records tell of one dispute, by explicit cross-references only. Pure: `gatherDisputes` loads and stores. */

export interface LinkedDispute {
  readonly id: string;
  /** A human opened it or has acted on it. */
  readonly touched: boolean;
  /** Milliseconds. */
  readonly openedAt: number;
}

export interface LinkableRecord {
  readonly id: string;
  /** Null: not a dispute by itself (a marriage, a relief); it follows a reference but holds no two disputes together. */
  readonly category: string | null;
  readonly at: number;
  readonly gone: boolean;
  readonly dispute: LinkedDispute | null;
  /** Disputes that a human took it out of: no rule puts it back. */
  readonly parted: readonly string[];
  /** Paths of those who hold it, and the records of its dispute. */
  readonly offices: readonly string[];
  /** Paths of those accused by it, or in its dispute. */
  readonly accused: readonly string[];
}

export interface DisputePlan {
  /** Each with its records, earliest first. */
  readonly founded: readonly (readonly LinkableRecord[])[];
  readonly linked: readonly { readonly recordId: string; readonly disputeId: string }[];
  /** Records of a new dispute that have no category themselves: they follow the founder named here. */
  readonly following: readonly { readonly recordId: string; readonly founderId: string }[];
  readonly merged: readonly { readonly from: string; readonly into: string }[];
}

const byTime = (a: LinkableRecord, b: LinkableRecord): number => a.at - b.at || (a.id < b.id ? -1 : 1);
const byOpening = (a: LinkedDispute, b: LinkedDispute): number => a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1);

type Barrier = Pick<LinkableRecord, 'offices' | 'accused'>;

const accuses = ({ accused }: Barrier, { offices }: Barrier): boolean =>
  accused.some((path) => offices.some((office) => office.startsWith(path)));

/**
 * An accusation is not joined by rule with what the accused hold: they would lose sight of their own record's dispute, and know
 * (信访工作条例 30). Whoever may see both can link them.
 */
const isKeptApart = (a: Barrier, b: Barrier): boolean => accuses(a, b) || accuses(b, a);

export function planDisputes(
  records: readonly LinkableRecord[],
  edges: readonly { readonly a: string; readonly b: string }[],
): DisputePlan {
  const live = new Map(records.filter((record) => !record.gone).map((record) => [record.id, record]));
  const root = new Map<string, string>();
  const find = (id: string): string => {
    let top = id;
    for (let above = root.get(top); above !== undefined; above = root.get(top)) top = above;
    return top;
  };
  // By the record or dispute that stands for a group: who holds and who is accused in all of it.
  const barriers = new Map<string, Barrier>();
  const barrierOf = (top: string): Barrier => barriers.get(top) ?? live.get(top) ?? { offices: [], accused: [] };
  const unite = (a: string, b: string): void => {
    const [x, y] = [find(a), find(b)];
    if (x === y) return;
    const [one, other] = [barrierOf(x), barrierOf(y)];
    root.set(y, x);
    barriers.set(x, {
      offices: [...one.offices, ...other.offices],
      accused: [...one.accused, ...other.accused],
    });
  };
  const apart = (a: LinkableRecord, b: LinkableRecord): boolean =>
    (b.dispute !== null && a.parted.includes(b.dispute.id)) || (a.dispute !== null && b.parted.includes(a.dispute.id));
  const pairs = edges.flatMap(({ a, b }) => {
    const [x, y] = [live.get(a), live.get(b)];
    return x && y && !apart(x, y) && !isKeptApart(x, y) ? [[x, y] as const] : [];
  });
  for (const record of live.values())
    if (record.dispute && record.category !== null) unite(record.dispute.id, record.id);
  for (const [x, y] of pairs) {
    if (x.category === null || y.category === null) continue;
    if (!isKeptApart(barrierOf(find(x.id)), barrierOf(find(y.id)))) unite(x.id, y.id);
  }

  const groups = new Map<string, LinkableRecord[]>();
  for (const record of [...live.values()].sort(byTime)) {
    if (record.category === null) continue;
    const top = find(record.id);
    groups.set(top, [...(groups.get(top) ?? []), record]);
  }

  const founded: LinkableRecord[][] = [];
  const linked: { recordId: string; disputeId: string }[] = [];
  const merged: { from: string; into: string }[] = [];
  // Where a record is after this: in a dispute that exists, or in one that a record founds.
  const place = new Map<string, { dispute: LinkedDispute } | { founder: LinkableRecord }>();
  for (const group of groups.values()) {
    const disputes = [...new Map(group.flatMap(({ dispute }) => (dispute ? [[dispute.id, dispute]] : []))).values()];
    disputes.sort(byOpening);
    const [oldest, ...others] = disputes;
    // What a human has had in hand is not merged over their head; it stays two until somebody decides.
    const touched = disputes.some((dispute) => dispute.touched);
    if (oldest && !touched) for (const { id } of others) merged.push({ from: id, into: oldest.id });
    const free = group.filter(({ dispute }) => dispute === null);
    const joinable = (record: LinkableRecord): LinkedDispute | undefined =>
      disputes.find(({ id }) => !record.parted.includes(id));
    const alone = free.filter((record) => !joinable(record));
    for (const record of group) {
      const dispute = touched || !record.dispute ? (record.dispute ?? joinable(record)) : oldest;
      if (dispute) place.set(record.id, { dispute });
      if (dispute && !record.dispute) linked.push({ recordId: record.id, disputeId: dispute.id });
    }
    const [founder] = alone;
    if (!founder) continue;
    founded.push(alone);
    for (const record of alone) place.set(record.id, { founder });
  }

  const near = new Map<string, LinkableRecord[]>();
  for (const [x, y] of pairs) {
    near.set(x.id, [...(near.get(x.id) ?? []), y]);
    near.set(y.id, [...(near.get(y.id) ?? []), x]);
  }
  const following: { recordId: string; founderId: string }[] = [];
  for (const record of [...live.values()].sort(byTime)) {
    if (record.category !== null || record.dispute) continue;
    const places = (near.get(record.id) ?? []).flatMap(({ id }) => place.get(id) ?? []);
    const existing = places.flatMap((found) => ('dispute' in found ? [found.dispute] : [])).sort(byOpening);
    const disputeId = existing.find(({ id }) => !record.parted.includes(id))?.id;
    const [founder] = places.flatMap((found) => ('founder' in found ? [found.founder] : [])).sort(byTime);
    if (disputeId !== undefined) linked.push({ recordId: record.id, disputeId });
    else if (founder) following.push({ recordId: record.id, founderId: founder.id });
  }
  return { founded, linked, following, merged };
}
