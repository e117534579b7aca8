/** What happened to a referral. An event says all that the state needs: replaying never asks a playbook or a calendar. */
import type { EventType, RatedBy, ReferralKind, Rung, Urgency } from '../playbooks/playbook.ts';
import type { StatutoryPath } from '../routing/responsibility.ts';
import type { Clock, Instant, Participant } from './state.ts';

export interface EventBodies {
  readonly OPENED: {
    readonly kind: ReferralKind;
    readonly from: string;
    readonly lead: string;
    readonly participants: readonly Participant[];
    readonly urgency: Urgency;
    readonly playbook: { readonly id: string; readonly version: string };
    readonly parent: string | null;
    /** Why it went to this lead: named by the sender, or how the responsibility list led there. */
    readonly routed: string | null;
    /** 法定途径. Absent: none, as with what was opened before it was kept. */
    readonly statutoryPath?: StatutoryPath | null;
  };
  readonly ACCEPTED: { readonly organisation: string };
  readonly STARTED: object;
  readonly RETURN_REQUESTED: { readonly superior: string | null };
  readonly RETURN_DECIDED: { readonly agreed: boolean; readonly superior: string | null };
  readonly REDIRECTED: { readonly lead: string };
  readonly JURISDICTION_DECIDED: { readonly lead: string };
  readonly FORWARDED: { readonly child: string; readonly lead: string };
  readonly CONSULTED: {
    readonly with: readonly string[];
    readonly heldAt: Instant;
    readonly tasks: readonly { readonly organisation: string; readonly dueAt: Instant }[];
  };
  readonly PROGRESS: { readonly organisation: string };
  readonly CLOCK_STARTED: { readonly clock: Clock };
  readonly CLOCK_PAUSED: { readonly clock: string; readonly reason: string };
  readonly CLOCK_RESUMED: {
    readonly clock: string;
    readonly yellowAt: Instant;
    readonly dueAt: Instant;
    readonly extendedUntil: Instant | null;
  };
  readonly CLOCK_YELLOW: { readonly clock: string };
  readonly CLOCK_RED: { readonly clock: string; readonly nextAt: Instant | null };
  readonly RED_CARD: { readonly clock: string; readonly nextAt: Instant | null };
  readonly EXTENSION_REQUESTED: { readonly clock: string; readonly until: Instant };
  readonly EXTENSION_DECIDED: {
    readonly clock: string;
    readonly approved: boolean;
    readonly until: Instant | null;
    readonly yellowAt: Instant | null;
  };
  readonly FEEDBACK: {
    readonly outcome: string;
    readonly informed: number;
    /** Somebody was told in writing of the path that the law has for it. */
    readonly pathTold?: boolean;
    readonly agreementSha256: string | null;
    /** Of counselling: whom it was given to agrees that others on the matter are told so. */
    readonly helpMayBeTold?: true;
  };
  readonly CLOSED: object;
  readonly RATED: { readonly by: RatedBy; readonly score: number; readonly objects: boolean };
  readonly VISITED: { readonly visitedAt: Instant; readonly holds: boolean; readonly interviewed: number };
  /** `child`: what was made from it and has come up again; absent when it has itself. */
  readonly REOPENED: { readonly child?: string };
  /** `clock`: whose ladder it is a rung of; null when somebody supervises by hand, or for a message that did not arrive. `nextAt`: of that clock. */
  readonly SUPERVISED: {
    readonly rung: Rung;
    readonly clock: string | null;
    readonly nextAt: Instant | null;
    /** A message that did not arrive in time, and whose system did not take it. */
    readonly delivery?: string;
    readonly unreached?: string;
  };
  readonly ESCALATED: { readonly lead: string; readonly clock: string; readonly nextAt: Instant | null };
  readonly WITHDRAWAL_REQUESTED: object;
  readonly WITHDRAWAL_REFUSED: object;
  readonly WITHDRAWN: object;
}

/** Everything that is written in free words: kept encrypted, shown to who may see the referral. */
export interface EventWords {
  readonly note?: string;
  readonly text?: string;
  readonly comment?: string;
  readonly informed?: readonly {
    readonly party: string;
    readonly how: string;
    readonly at: Instant;
    /** 书面告知法定途径. */
    readonly pathInWriting?: boolean;
  }[];
  readonly tasks?: readonly string[];
  readonly attachments?: readonly { readonly name: string; readonly mediaType: string; readonly sha256: string }[];
}

/**
 * What came of it, what people thought of it, when they were visited: not for everybody who sees the referral (domain rules 7
 * and 8), so the audit log has it as it has words, as a commitment.
 */
export const TOLD_TO_SOME: ReadonlySet<EventType> = new Set<EventType>(['FEEDBACK', 'RATED', 'VISITED']);

export type Happened = {
  readonly [Type in EventType]: { readonly type: Type; readonly body: EventBodies[Type]; readonly words?: EventWords };
}[EventType];

export type ReferralEvent = Happened & {
  /** 1, 2, 3 … per referral, without gaps. */
  readonly sequence: number;
  readonly at: Instant;
  /** Acts raise it; see `ReferralState.version`. */
  readonly version: number;
  /** After it. */
  readonly step: string;
};
