/** What of a referral's words is not for everybody who sees the referral: counselling (domain rule 8) and violence at home (7). */
import type { Caller } from './caller.ts';
import { servesProtected } from './guard.ts';
import { shownAs } from './role-view.ts';

/** What of a referral this is decided by. */
export interface WordsAbout {
  readonly kind: string;
  /** Its dispute is one of violence at home. */
  readonly isViolent: boolean;
  /** Who asked for it. */
  readonly from: string;
  /** Who leads or undertakes it. */
  readonly doing: readonly string[];
}

/** Words name people: they are not for those to whom names are masked (auditors). */
export const readsNames = (caller: Caller): boolean => shownAs(caller, 'identity') === 'CLEAR';

/**
 * Result, notes and visits, by whom they were written. Of counselling they stay with the counsellor (精神卫生法 23): not with the
 * office above, nor with whoever is given it afterwards. That it was asked for, and its status, is all that others have, and what
 * the one who asked for it wrote is for whoever does it.
 */
export function mayReadWords(caller: Caller, { kind, from, doing }: WordsAbout, by: string | null): boolean {
  const own = caller.organisation.id;
  if (!readsNames(caller)) return false;
  return kind !== 'COUNSELLING' || by === own || (by === from && doing.includes(own));
}

const MEDIATIONS: readonly string[] = ['DELEGATE_MEDIATION', 'ENTRUST_MEDIATION'];

/**
 * What is noted while mediation goes on stays with those who mediate: what somebody offered there is no evidence and is not shown on
 * (人民调解法 18, 29; domain rule 8), least of all to the court that will judge. What came of it is reported to all.
 */
export const mayReadProgress = (
  { organisation: { id } }: Caller,
  { kind, from, doing }: WordsAbout,
  by: string | null,
): boolean => !MEDIATIONS.includes(kind) || by === id || (id !== from && doing.includes(id));

/** The summary says what its sender wrote: of counselling for whoever does it, as every other word (domain rule 8). */
export const mayReadSummary = (caller: Caller, { kind, from, doing }: WordsAbout): boolean =>
  readsNames(caller) && (kind !== 'COUNSELLING' || [from, ...doing].includes(caller.organisation.id));

/** When and how people are visited or told leads to somebody who is protected. `by`: who did it knows it. */
export const mayReadVisits = ({ organisation }: Caller, { isViolent }: WordsAbout, by: string | null): boolean =>
  !isViolent || servesProtected(organisation.kind) || by === organisation.id;
