/**
 * Which records tell of one dispute, by explicit cross-references only. Pure: `gatherDisputes` loads and stores. What hangs together
 * with an accusation is planned here only where a human has a dispute of it in hand; otherwise by `partAccusations`.
 */

import {
  areApart,
  byTime,
  isKeptApart,
  type Barrier,
  type LinkableRecord,
  type LinkedDispute,
  type Reference,
} from './linkable-record.ts';

export interface DisputePlan {
  /** Each with its records, earliest first. */
  readonly founded: readonly (readonly LinkableRecord[])[];
  readonly linked: readonly { readonly recordId: string; readonly disputeId: string }[];
  /** Records of a new dispute that have no category themselves: they follow the founder named here. */
  readonly following: readonly { readonly recordId: string; readonly founderId: string }[];
  readonly merged: readonly { readonly from: string; readonly into: string }[];
}

const byOpening = (a: LinkedDispute, b: LinkedDispute): number => a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1);

export function planDisputes(records: readonly LinkableRecord[], edges: readonly Reference[]): DisputePlan {
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
  const pairs = edges.flatMap(({ a, b }) => {
    const [x, y] = [live.get(a), live.get(b)];
    return x && y && !areApart(x, y) && !isKeptApart(x, y) ? [[x, y] as const] : [];
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
    // It may be joined with what it names, and not with what that is joined with.
    const places = (near.get(record.id) ?? []).flatMap(({ id }) =>
      isKeptApart(barrierOf(find(id)), record) ? [] : (place.get(id) ?? []),
    );
    const existing = places.flatMap((found) => ('dispute' in found ? [found.dispute] : [])).sort(byOpening);
    const disputeId = existing.find(({ id }) => !record.parted.includes(id))?.id;
    const [founder] = places.flatMap((found) => ('founder' in found ? [found.founder] : [])).sort(byTime);
    if (disputeId !== undefined) linked.push({ recordId: record.id, disputeId });
    else if (founder) following.push({ recordId: record.id, founderId: founder.id });
  }
  return { founded, linked, following, merged };
}
