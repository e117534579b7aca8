/** Which of the records that share somebody are proposed as one dispute: the best for any two disputes. Pure. */
import { isKeptApart, type Barrier } from './linkable-record.ts';
import { judgeLink, type ComparableRecord, type LinkEvidence } from './judge-link.ts';
import type { LinkRule } from './link-rule.ts';

/** A record with the dispute that it tells of, and who holds and who is accused in all of that. */
export interface LinkableMatter extends ComparableRecord {
  readonly disputeId: string;
  readonly barrier: Barrier;
}

export interface CandidateLink {
  /** The earlier, of whose dispute the later may tell. */
  readonly beside: LinkableMatter;
  readonly record: LinkableMatter;
  readonly evidence: LinkEvidence;
}

export const betweenDisputes = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

/** The heavier one; of equals the one whose ids come first, so that it does not matter in which order they were found. */
const isBetter = (one: CandidateLink, than: CandidateLink): boolean =>
  one.evidence.score > than.evidence.score ||
  (one.evidence.score === than.evidence.score &&
    (one.record.id < than.record.id || (one.record.id === than.record.id && one.beside.id < than.beside.id)));

/** By `betweenDisputes`. `pairs`: each two once. */
export function chooseLinks(
  pairs: Iterable<readonly [LinkableMatter, LinkableMatter]>,
  rule: LinkRule,
): Map<string, CandidateLink> {
  const best = new Map<string, CandidateLink>();
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
