/**
 * Whether two records that do not name each other tell of one dispute (比对排查): by who stands on which side, category, place, time
 * and which department's came first. Pure. Never by what a person has done elsewhere or how often.
 */
import {
  togetherAs,
  windowOf,
  type CATEGORIES,
  type LinkRule,
  type PARTIES,
  type PLACES,
  type TIMES,
} from './link-rule.ts';
import { partyRoleOf, sideOf } from './party-role.ts';

/** UNCLEAR: the department writes down who called, and of the others not who claims. */
export type Side = 'CLAIMING' | 'ANSWERING' | 'UNCLEAR';

export interface ComparableRecord {
  readonly id: string;
  readonly source: string;
  readonly category: string;
  /** Milliseconds. */
  readonly at: number;
  /** In the grid tree; null where the department says none. */
  readonly placePath: string | null;
  /** By person, as joined. */
  readonly parties: ReadonlyMap<string, Side>;
}

export interface LinkComparison {
  readonly parties: (typeof PARTIES)[number];
  readonly category: (typeof CATEGORIES)[number];
  readonly place: (typeof PLACES)[number];
  readonly time: (typeof TIMES)[number];
  /** `POLICE>COURTS`: the earlier one's department first. */
  readonly order: string;
}

/** What a proposal says of why; no values. */
export interface LinkEvidence {
  readonly score: number;
  readonly reasons: readonly string[];
}

const CALLED_OUT = 'POLICE';

/** Null for whoever is there for another, or beside: an agent, a guardian, a witness, an official links nothing. */
export function standingOf(source: string, role: string): Side | null {
  const part = partyRoleOf(source, role);
  if (part === 'REPORTER') return source === CALLED_OUT ? 'UNCLEAR' : null;
  const side = sideOf(part);
  return source === CALLED_OUT && part === 'RESPONDENT' && role.toUpperCase() === 'PARTY' ? 'UNCLEAR' : side;
}

/** Of somebody with several parts in one record the clearest. */
export function partiesOf(
  source: string,
  named: readonly { readonly personId: string; readonly role: string }[],
): Map<string, Side> {
  const parties = new Map<string, Side>();
  for (const { personId, role } of named) {
    const side = standingOf(source, role);
    const known = parties.get(personId);
    if (side !== null && (known === undefined || known === 'UNCLEAR')) parties.set(personId, side);
  }
  return parties;
}

const onSide = ({ parties }: ComparableRecord, side: Side): string[] =>
  [...parties].flatMap(([person, at]) => (at === side || at === 'UNCLEAR' ? [person] : []));

/** Whether it would name the other side as well. */
function namesBothSides({ parties }: ComparableRecord): boolean {
  const sides = new Set(parties.values());
  return sides.has('UNCLEAR') ? parties.size > 1 : sides.size > 1;
}

/** Null: nobody is the same, or who is stands against it: on the other side, or against somebody else. */
function compareParties(a: ComparableRecord, b: ComparableRecord, rule: LinkRule): LinkComparison['parties'] | null {
  const same: Side[] = [];
  for (const [person, side] of a.parties) {
    const other = b.parties.get(person);
    if (other !== undefined && (side === other || side === 'UNCLEAR' || other === 'UNCLEAR'))
      same.push(side === 'UNCLEAR' ? other : side);
  }
  if (same.length === 0) return null;
  if (namesBothSides(a) && namesBothSides(b)) {
    const sides = new Set(same);
    const both = sides.has('UNCLEAR') ? same.length > 1 : sides.size > 1;
    return both ? 'BOTH_SIDES' : null;
  }
  // The side that the one names which names one only; of both, when both do.
  const side = same.find((one) => one !== 'UNCLEAR') ?? 'UNCLEAR';
  const [ofA, ofB] = [onSide(a, side), onSide(b, side)];
  const [few, many] = ofA.length <= ofB.length ? [ofA, new Set(ofB)] : [ofB, new Set(ofA)];
  if (!few.every((person) => many.has(person))) return null;
  const isWhole = few.length === many.size || [a, b].some((one) => isPartial(one, rule) || one.source === CALLED_OUT);
  if (!isWhole) return 'ONE_SIDE_SOME';
  return few.length > 1 ? 'ONE_SIDE_SEVERAL' : 'ONE_SIDE';
}

const isPartial = ({ source }: ComparableRecord, { namesOne }: LinkRule): boolean => namesOne.includes(source);

/** Null: in two places that are not one. */
function comparePlaces(a: string | null, b: string | null): LinkComparison['place'] | null {
  if (a === null || b === null) return 'UNKNOWN';
  if (a === b) return 'SAME';
  return a.startsWith(b) || b.startsWith(a) ? 'WITHIN' : null;
}

const earlierFirst = (a: ComparableRecord, b: ComparableRecord): [ComparableRecord, ComparableRecord] =>
  a.at < b.at || (a.at === b.at && a.id < b.id) ? [a, b] : [b, a];

/** Null: they are two matters, or one department's own, which tells itself what belongs together. */
export function compareRecords(a: ComparableRecord, b: ComparableRecord, rule: LinkRule): LinkComparison | null {
  const [first, then] = earlierFirst(a, b);
  const category = togetherAs(rule, a.category, b.category);
  const place = comparePlaces(a.placePath, b.placePath);
  const apart = then.at - first.at;
  const window = windowOf(rule, a.category, b.category);
  if (category === null || place === null || apart > window) return null;
  if ((a.source === b.source && a.source !== 'CENTRE') || rule.following.includes(first.source)) return null;
  const parties = compareParties(a, b, rule);
  if (parties === null) return null;
  const time = apart <= window / 2 ? 'CLOSE' : 'NEAR';
  return { parties, category, place, time, order: `${first.source}>${then.source}` };
}

export function weighLink({ parties, category, place, time, order }: LinkComparison, { weights }: LinkRule): number {
  const { parties: p, category: c, place: w, time: t } = weights;
  return p[parties] + c[category] + w[place] + t[time] + (weights.order[order] ?? weights.otherOrder);
}

/** Null: they are not proposed as one. */
export function judgeLink(a: ComparableRecord, b: ComparableRecord, rule: LinkRule): LinkEvidence | null {
  const comparison = compareRecords(a, b, rule);
  if (comparison === null) return null;
  const score = weighLink(comparison, rule);
  if (score < rule.propose) return null;
  const { parties, category, place, time } = comparison;
  return { score, reasons: [`PARTIES_${parties}`, `CATEGORY_${category}`, `PLACE_${place}`, `TIME_${time}`] };
}

/** What may join by itself where its kind does: nothing about it is left open. */
export const isCertain = ({ score, reasons }: LinkEvidence, rule: LinkRule): boolean =>
  score >= rule.join &&
  reasons.includes('PARTIES_BOTH_SIDES') &&
  reasons.includes('CATEGORY_SAME') &&
  !reasons.includes('PLACE_UNKNOWN');
