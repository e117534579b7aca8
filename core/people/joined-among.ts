/** Why records of a person belong together, among those only that somebody sees: nothing may hint at others. */
import type { Membership } from './assign-person.ts';

/** One that is seen. */
export interface SeenMention extends Omit<Membership, 'personId'> {
  readonly mentionId: string;
  /** When it was first read in. */
  readonly createdAt: Date;
  readonly joinedAt: Date;
}

export type SeenReason = Pick<SeenMention, 'matchedBy' | 'score' | 'joinedAt'>;

/** In their order. `numberOf`: the valid citizen ID that it names, if any. */
export function joinedAmong<M extends SeenMention>(
  mentions: readonly M[],
  numberOf: (mention: M) => string | null,
): SeenReason[] {
  const seen = new Set(mentions.map(({ mentionId }) => mentionId));
  const numbers = mentions.length > 1 ? mentions.map(numberOf) : [];
  return mentions.map(({ mentionId, matchedBy, matchedWith, score, joinedAt, createdAt }, index) => {
    const number = numbers[index] ?? null;
    const sharesNumber = number !== null && numbers.some((other, at) => other === number && at !== index);
    const byNumber: SeenReason = { matchedBy: 'CITIZEN_ID', score: null, joinedAt };
    if (matchedBy === 'CITIZEN_ID' && sharesNumber) return byNumber;
    if (matchedWith !== null && seen.has(matchedWith)) return { matchedBy, score, joinedAt };
    // What joined the other to this one joined this one to the other.
    const other = mentions.find((one) => one.matchedWith === mentionId);
    if (other) return { matchedBy: other.matchedBy, score: other.score, joinedAt };
    return sharesNumber ? byNumber : { matchedBy: 'SINGLE', score: null, joinedAt: createdAt };
  });
}
