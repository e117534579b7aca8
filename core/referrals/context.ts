/** What a transition is handed besides the referral and the act, and what it may answer. */
import type { Rules } from '../calendar/load-rules.ts';
import type { WorkingDays } from '../calendar/working-day.ts';
import type { ErrorCode } from '../platform/errors.ts';
import type { Level, Playbook, ReferralKind, Side } from '../playbooks/playbook.ts';

/** What a refusal says to whoever asked. A refusal is data until the edge makes an error of it. */
export interface Refusal {
  readonly refused: ErrorCode;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A referral to be opened below this one, in the same transaction. */
export interface ChildOrder {
  readonly id: string;
  readonly lead: string;
  readonly kind: ReferralKind;
  readonly undertaking: readonly string[];
  readonly assisting: readonly string[];
  readonly note: string;
}

/** Who asks, as this referral sees them. */
export interface ActingParty {
  readonly organisation: string;
  readonly sides: readonly Side[];
}

export interface TransitionContext {
  readonly now: Date;
  readonly playbook: Playbook;
  readonly rules: Rules;
  readonly workingDays: WorkingDays;
  readonly acting: ActingParty;
  /** Children that are neither closed nor withdrawn. */
  readonly openChildren: number;
  /** Senders and leads of every referral above this one: handing it back to one of them would be a circle. */
  readonly above: readonly string[];
  /** Id for a child, should the act open one. */
  readonly childId: string;
  /** Organisations that the act names and that there are and are not closed. */
  readonly knows: (organisation: string) => boolean;
  /** Accused in this dispute, or under somebody who is (信访工作条例 22, 30, 46). */
  readonly isBarred: (organisation: string) => boolean;
  /** Who decides between two that both deny it (24): the nearest above both that is not barred, else the county's centre. */
  readonly superiorOf: (one: string, other: string) => string | null;
  readonly isAbove: (one: string, other: string) => boolean;
  /** The next level up of an organisation, not barred; null at the top. */
  readonly levelUp: (organisation: string) => string | null;
  /** Null for one that nobody knows. */
  readonly levelOf: (organisation: string) => Level | null;
}
