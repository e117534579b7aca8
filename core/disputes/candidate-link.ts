/** Which of the records that share somebody are proposed as one dispute: the best for any two disputes. Pure. */
import { isCertain, judgeLink, type ComparableRecord, type LinkEvidence } from './judge-link.ts';
import { isKeptApart, type Barrier } from './linkable-record.ts';
import type { LinkRule } from './link-rule.ts';

/** A record with the dispute that it tells of, and who holds and who is accused in all of that. */
export interface LinkableMatter extends ComparableRecord {
  /** What its department calls it: COURT_CASE, FIGHT … */
  readonly kind: string;
  readonly disputeId: string;
  readonly barrier: Barrier;
}

export interface CandidateLink<M extends LinkableMatter = LinkableMatter> {
  /** The earlier, of whose dispute the later may tell. */
  readonly beside: M;
  readonly record: M;
  readonly evidence: LinkEvidence;
}

export const betweenDisputes = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

/** The heavier one; of equals the one whose ids come first, so that it does not matter in which order they were found. */
const isBetter = (one: CandidateLink, than: CandidateLink): boolean =>
  one.evidence.score > than.evidence.score ||
  (one.evidence.score === than.evidence.score &&
    (one.record.id < than.record.id || (one.record.id === than.record.id && one.beside.id < than.beside.id)));

/** By `betweenDisputes`. `pairs`: each two once. */
export function chooseLinks<M extends LinkableMatter>(
  pairs: Iterable<readonly [M, M]>,
  rule: LinkRule,
): Map<string, CandidateLink<M>> {
  const best = new Map<string, CandidateLink<M>>();
  for (const [a, b] of pairs) {
    if (a.disputeId === b.disputeId || isKeptApart(a.barrier, b.barrier)) continue;
    const evidence = judgeLink(a, b, rule);
    if (evidence === null) continue;
    const [beside, record] = a.at < b.at || (a.at === b.at && a.id < b.id) ? [a, b] : [b, a];
    const found = { beside, record, evidence };
    const key = betweenDisputes(a.disputeId, b.disputeId);
    const known = best.get(key);
    if (!known || isBetter(found, known)) best.set(key, found);
  }
  return best;
}

/** A kind of record; of all its department's kinds when none is named. */
interface RecordKind {
  readonly source: string;
  readonly kinds?: readonly string[] | undefined;
}

/** Records of such kinds, in this order, join by themselves when nothing about it is left open. */
export interface SelfJoining {
  readonly first: RecordKind;
  readonly then: RecordKind;
  /** Of disputes; any when none is named. */
  readonly categories?: readonly string[] | undefined;
}

const isOf = ({ source, kind }: LinkableMatter, wanted: RecordKind): boolean =>
  source === wanted.source && (wanted.kinds?.includes(kind) ?? true);

const joinsByKind = ({ beside, record }: CandidateLink, kinds: readonly SelfJoining[]): boolean =>
  kinds.some(
    ({ first, then, categories }) =>
      isOf(beside, first) && isOf(record, then) && (categories?.includes(record.category) ?? true),
  );

/** An accusation is linked by humans only. */
const accuses = ({ beside, record }: CandidateLink): boolean =>
  beside.barrier.accused.length + record.barrier.accused.length > 0;

export const mayJoinItself = (link: CandidateLink, kinds: readonly SelfJoining[], rule: LinkRule): boolean =>
  isCertain(link.evidence, rule) && joinsByKind(link, kinds) && !accuses(link);

/**
 * Those of all links of these disputes that need nobody: where the same two sides have two matters, which of them it is is for a human
 * to say.
 */
export function chooseJoins<M extends LinkableMatter>(
  links: readonly CandidateLink<M>[],
  kinds: readonly SelfJoining[],
  rule: LinkRule,
): CandidateLink<M>[] {
  const chances = new Map<string, number>();
  const between = links.filter(({ evidence }) => evidence.reasons.includes('PARTIES_BOTH_SIDES'));
  for (const { beside, record } of between)
    for (const { disputeId } of [beside, record]) chances.set(disputeId, (chances.get(disputeId) ?? 0) + 1);
  return between.filter(
    (link) =>
      mayJoinItself(link, kinds, rule) &&
      chances.get(link.beside.disputeId) === 1 &&
      chances.get(link.record.disputeId) === 1,
  );
}
