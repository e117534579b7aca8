/**
 * What hangs together by references and must still not be one dispute: an accusation, and what the accused hold. Pure. The answer
 * depends on which records there are, never on which of them came first.
 */
import { components } from './components.ts';
import { accuses, areApart, byTime, isKeptApart, type LinkableRecord, type Reference } from './linkable-record.ts';

/** Records that belong together, and the dispute that they keep; null: they found one. */
export interface Part {
  readonly disputeId: string | null;
  /** Earliest first; the first founds. */
  readonly records: readonly LinkableRecord[];
}

export interface Parting {
  readonly parts: readonly Part[];
  /** Records whose dispute becomes another, except with all of it. */
  readonly moved: readonly { readonly recordId: string; readonly part: Part }[];
  readonly merged: readonly { readonly from: string; readonly into: Part }[];
}

/** Earlier groups first, by their earliest record. */
const byEarliest = (a: readonly LinkableRecord[], b: readonly LinkableRecord[]): number =>
  a[0] && b[0] ? byTime(a[0], b[0]) : 0;

/** Who is in one dispute hangs together, whatever they name by now. */
export const ofOneDispute = (records: readonly LinkableRecord[]): Reference[] => {
  const first = new Map<string, string>();
  return records.flatMap(({ id, dispute }) => {
    if (!dispute) return [];
    const known = first.get(dispute.id);
    if (known !== undefined) return [{ a: known, b: id }];
    first.set(dispute.id, id);
    return [];
  });
};

/**
 * An accusation stands by itself as soon as anything that hangs together with it is held by the accused; the others are together as
 * far as they name each other without it.
 */
function groupsOf(
  standing: readonly LinkableRecord[],
  followers: readonly LinkableRecord[],
  references: readonly Reference[],
): LinkableRecord[][] {
  const groups = components(standing, [...references, ...ofOneDispute(standing)]).flatMap((whole) => {
    const ids = new Set(whole.map(({ id }) => id));
    const beside = followers.filter(({ id }) =>
      references.some(({ a, b }) => (a === id && ids.has(b)) || (b === id && ids.has(a))),
    );
    const held = [...whole, ...beside];
    const accusing = whole.filter((one) => held.some((other) => one !== other && accuses(one, other)));
    const rest = whole.filter((one) => !accusing.includes(one));
    return [...components(rest, references), ...accusing.map((one) => [one])];
  });
  return groups.map((group) => group.sort(byTime)).sort(byEarliest);
}

/** A dispute stays with its earliest record; one that finds another there already goes up in that. */
function shareOut(groups: readonly LinkableRecord[][]) {
  const groupOf = new Map(groups.flatMap((group) => group.map((record) => [record, group] as const)));
  const kept = new Map<LinkableRecord[], string>();
  const into = new Map<string, LinkableRecord[]>();
  for (const record of [...groupOf.keys()].sort(byTime)) {
    const group = groupOf.get(record);
    const id = record.dispute?.id;
    if (!group || id === undefined || into.has(id)) continue;
    into.set(id, group);
    if (!kept.has(group)) kept.set(group, id);
  }
  const merged = [...into].flatMap(([from, group]) => (kept.get(group) === from ? [] : [{ from, group }]));
  return { kept, merged };
}

/** `records`: all that hang together, each with its own office and accused only. None of their disputes is in human hands. */
export function partAccusations(records: readonly LinkableRecord[], references: readonly Reference[]): Parting {
  const live = new Map(records.filter(({ gone }) => !gone).map((record) => [record.id, record]));
  const allowed = references.filter(({ a, b }) => {
    const [x, y] = [live.get(a), live.get(b)];
    return x && y && !areApart(x, y);
  });
  const standing = [...live.values()].filter(({ category }) => category !== null);
  const followers = [...live.values()].filter(({ category }) => category === null);
  const groups = groupsOf(standing, followers, allowed);
  const { kept, merged } = shareOut(groups);
  const partOf = new Map(
    groups.map((group): [LinkableRecord[], Part] => [group, { disputeId: kept.get(group) ?? null, records: group }]),
  );

  // A relief or a marriage goes with the earliest that it names, or is named by, and may be joined with. One that follows something
  // else as well stays where it is.
  const disputes = new Set(standing.flatMap(({ dispute }) => dispute?.id ?? []));
  const following = followers.flatMap((record) => {
    if (record.dispute && !disputes.has(record.dispute.id)) return [];
    const near = new Set(allowed.flatMap(({ a, b }) => (a === record.id ? [b] : b === record.id ? [a] : [])));
    const group = groups.find(
      (one) => one.some(({ id }) => near.has(id)) && !one.some((other) => isKeptApart(other, record)),
    );
    return group ? [{ record, group }] : [];
  });

  const places = [...groups.flatMap((group) => group.map((record) => ({ record, group }))), ...following];
  const toPart = (group: LinkableRecord[]): Part => partOf.get(group) as Part;
  const goesUp = new Map(merged.map(({ from, group }) => [from, group]));
  const isThere = ({ dispute }: LinkableRecord, group: LinkableRecord[]): boolean =>
    dispute !== null && (kept.get(group) === dispute.id || goesUp.get(dispute.id) === group);
  return {
    parts: groups.map(toPart),
    moved: places.flatMap(({ record, group }) =>
      isThere(record, group) ? [] : [{ recordId: record.id, part: toPart(group) }],
    ),
    merged: merged.map(({ from, group }) => ({ from, into: toPart(group) })),
  };
}
