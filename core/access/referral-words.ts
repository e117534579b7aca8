/** What of a referral's words is not for everybody who sees the referral: counselling (domain rule 8) and violence at home (7). */
import type { Caller } from './caller.ts';
import { servesProtected } from './guard.ts';
import { shownAs } from './role-view.ts';

/** What of a referral this is decided by. */
export interface WordsAbout {
  readonly kind: string;
  readonly disputeCategory: string;
  /** Who leads or undertakes it. */
  readonly doing: readonly string[];
}

/** Words name people: they are not for those to whom names are masked (auditors). */
export const readsNames = (caller: Caller): boolean => shownAs(caller, 'identity') === 'CLEAR';

/**
 * Result, notes and visits. Of counselling they stay with the counsellor (精神卫生法 23), not even with the office above: that it
 * was asked for, and its status, is all that others have.
 */
export const mayReadWords = (caller: Caller, { kind, doing }: WordsAbout): boolean =>
  readsNames(caller) && (kind !== 'COUNSELLING' || doing.includes(caller.organisation.id));

/** When and how people are visited or told leads to somebody who is protected. `by`: who did it knows it. */
export const mayReadVisits = ({ organisation }: Caller, { disputeCategory }: WordsAbout, by: string | null): boolean =>
  disputeCategory !== 'DOMESTIC_VIOLENCE' || servesProtected(organisation.kind) || by === organisation.id;
