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

interface Groups {
  readonly groups: readonly LinkableRecord[][];
  /** Of them, accusations that stand by themselves. */
  readonly alone: ReadonlySet<LinkableRecord[]>;
}

/**
 * An accusation stands by itself as soon as anything that hangs together with it is held by the accused. The others are together as
 * far as they name each other without it; who was in one dispute without it stays together, whatever they name by now.
 */
function groupsOf(
  standing: readonly LinkableRecord[],
  followers: readonly LinkableRecord[],
  references: readonly Reference[],
): Groups {
  const groups: LinkableRecord[][] = [];
  const alone = new Set<LinkableRecord[]>();
  for (const whole of components(standing, [...references, ...ofOneDispute(standing)])) {
    const ids = new Set(whole.map(({ id }) => id));
    const disputes = new Set(whole.flatMap(({ dispute }) => dispute?.id ?? []));
    const beside = followers.filter(
      ({ id, dispute }) =>
        (dispute && disputes.has(dispute.id)) ||
        references.some(({ a, b }) => (a === id && ids.has(b)) || (b === id && ids.has(a))),
    );
    // What is gone accuses as long as its dispute does; nobody holds it any more.
    const held = [...whole, ...beside].filter(({ gone }) => !gone);
    const accusing = whole.filter((one) => held.some((other) => one !== other && accuses(one, other)));
    if (accusing.length === 0) {
      groups.push(whole);
      continue;
    }
    const accused = new Set(accusing.flatMap(({ dispute }) => dispute?.id ?? []));
    const rest = whole.filter((one) => !accusing.includes(one));
    const unaccused = rest.filter(({ dispute }) => dispute !== null && !accused.has(dispute.id));
    groups.push(...components(rest, [...references, ...ofOneDispute(unaccused)]));
    for (const one of accusing) {
      const group = [one];
      groups.push(group);
      alone.add(group);
    }
  }
  for (const group of groups) group.sort(byTime);
  return { groups: groups.sort(byEarliest), alone };
}

/**
 * A dispute stays with its earliest record that is no accusation standing by itself, so that the accused lose nothing; one that finds
 * another there already goes up in that. Such an accusation keeps its own only if it leaves nobody there.
 */
function shareOut({ groups, alone }: Groups, followers: readonly LinkableRecord[]) {
  const groupOf = new Map(groups.flatMap((group) => group.map((record) => [record, group] as const)));
  const kept = new Map<LinkableRecord[], string>();
  const into = new Map<string, LinkableRecord[]>();
  const left = new Set(followers.flatMap(({ dispute }) => dispute?.id ?? []));
  const claim = (record: LinkableRecord, group: LinkableRecord[], isAlone: boolean): void => {
    const id = record.dispute?.id;
    if (id === undefined || into.has(id) || (isAlone && left.has(id))) return;
    into.set(id, group);
    if (!kept.has(group)) kept.set(group, id);
  };
  const entries = [...groupOf].sort(([a], [b]) => byTime(a, b));
  for (const isAlone of [false, true])
    for (const [record, group] of entries) if (alone.has(group) === isAlone) claim(record, group, isAlone);
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
  const standing = records.filter(({ category, gone, dispute }) => category !== null && (!gone || dispute !== null));
  const followers = [...live.values()].filter(({ category }) => category === null);
  const found = groupsOf(standing, followers, allowed);
  const { groups } = found;
  const { kept, merged } = shareOut(found, followers);
  const partOf = new Map(
    groups.map((group): [LinkableRecord[], Part] => [group, { disputeId: kept.get(group) ?? null, records: group }]),
  );

  // A relief or a marriage goes with the earliest that it names, or is named by, and may be joined with. One that follows something
  // else as well, or may not be joined with any, stays where it is.
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
