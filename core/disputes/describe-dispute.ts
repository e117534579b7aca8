/** What is known of a dispute from its records alone. Pure. */
import { partyRoleOf, sideOf } from './party-role.ts';
import { titleOf } from './category.ts';

export interface DescribedRecord {
  readonly id: string;
  readonly source: string;
  readonly category: string | null;
  readonly at: Date;
  readonly placeId: string | null;
  readonly placeName: string | null;
  readonly channel: string;
  readonly petitionPurpose: string | null;
  readonly collective: boolean;
  readonly accusedIds: readonly string[];
  /** Sealed, classified, or no longer held: what it says is not for everybody who sees the dispute. */
  readonly hidden: boolean;
  readonly participants: readonly { readonly role: string; readonly who: string }[];
}

export interface DisputeDescription {
  readonly title: string;
  readonly category: string;
  readonly openedAt: Date;
  readonly placeId: string | null;
  readonly channels: readonly string[];
  readonly petitionPurpose: string | null;
  readonly accusedIds: readonly string[];
  readonly isCollective: boolean;
}

/** 信访工作条例 20: five is where a matter of several becomes one of many. */
const COLLECTIVE_FROM = 5;

/** The strictest first: an accusation among the records makes the dispute one. */
const PURPOSES = ['ACCUSATION', 'APPEAL', 'SUGGESTION'];

/**
 * `all`: at least one. A record without a category has a say only where the others say nothing; a hidden one only where
 * there are no others, for then nobody sees the dispute but who holds it. What guards the dispute comes from all of them.
 */
export function describeDispute(all: readonly DescribedRecord[]): DisputeDescription {
  const open = all.filter(({ hidden }) => !hidden);
  const records = open.length > 0 ? open : all;
  const byTime = [...records].sort((a, b) => a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : 1));
  const telling = [...byTime.filter(({ category }) => category !== null), ...byTime.filter((r) => r.category === null)];
  const [first] = telling;
  const category = first?.category ?? 'OTHER';
  const placed = telling.find(({ placeId }) => placeId !== null);
  const sides = { CLAIMING: new Set<string>(), ANSWERING: new Set<string>() };
  for (const { source, participants } of records)
    for (const { role, who } of participants) {
      const side = sideOf(partyRoleOf(source, role));
      if (side) sides[side].add(who);
    }
  return {
    title: titleOf(category, placed?.placeName ?? null),
    category,
    openedAt: (telling.find((record) => record.category !== null) ?? first)?.at ?? new Date(0),
    placeId: placed?.placeId ?? null,
    channels: [...new Set(byTime.map(({ channel }) => channel))],
    petitionPurpose: PURPOSES.find((purpose) => all.some((record) => record.petitionPurpose === purpose)) ?? null,
    accusedIds: [...new Set(all.flatMap(({ accusedIds }) => accusedIds))].sort(),
    isCollective:
      records.some(({ collective }) => collective) ||
      Math.max(sides.CLAIMING.size, sides.ANSWERING.size) >= COLLECTIVE_FROM,
  };
}
