/** A referral as its events left it. Plain JSON: it is stored beside the events, and replaying them gives the same. */
import type { EventType, Pressed, ReferralKind, Rung, Urgency, RatedBy } from '../playbooks/playbook.ts';
import type { StatutoryPath } from '../routing/responsibility.ts';

/** RFC 3339 in UTC; compares as text. */
export type Instant = string;

export const STATUSES = [
  'DISPATCHED',
  'ACCEPTED',
  'IN_HANDLING',
  'RETURN_REQUESTED',
  'RETURNED',
  'FEEDBACK_GIVEN',
  'CLOSED',
  'WITHDRAWAL_REQUESTED',
  'WITHDRAWN',
] as const;
export type ReferralStatus = (typeof STATUSES)[number];

export const isOver = (status: ReferralStatus): boolean => status === 'CLOSED' || status === 'WITHDRAWN';

export type Light = 'GREEN' | 'YELLOW' | 'RED';

export interface Participant {
  readonly organisation: string;
  readonly role: 'UNDERTAKING' | 'ASSISTING' | 'GUIDING';
  /** When it first told what it did. */
  readonly reportedAt: Instant | null;
}

export interface LadderRung {
  readonly after: { readonly amount: number; readonly unit: 'HOURS' | 'DAYS' | 'WORKING_DAYS' };
  readonly do: Rung | 'ESCALATE';
}

export interface Clock {
  readonly id: string;
  readonly name: string;
  readonly rule: string;
  readonly ruleVersion: string;
  /** Law and article, or the playbook. */
  readonly basis: string;
  readonly amount: number;
  readonly unit: 'HOURS' | 'DAYS' | 'WORKING_DAYS';
  readonly rolls: boolean;
  /** Whom it presses, and as what. */
  readonly organisation: string;
  readonly presses: Pressed;
  readonly startedAt: Instant;
  readonly yellowAt: Instant;
  /** Without extension. */
  readonly dueAt: Instant;
  readonly pausedAt: Instant | null;
  readonly pauses: readonly { readonly from: Instant; readonly until: Instant }[];
  readonly extendedUntil: Instant | null;
  readonly extensionAsked: Instant | null;
  readonly extensions: number;
  readonly stops: readonly EventType[];
  readonly keepsOnReturn: boolean;
  readonly redCard: boolean;
  readonly ladder: readonly LadderRung[];
  /** How many rungs have been climbed. */
  readonly rung: number;
  readonly light: Light;
  /** When it next has something to say; null while it stands still, is stopped or has said all. */
  readonly nextAt: Instant | null;
  readonly stoppedAt: Instant | null;
}

export interface ReferralState {
  readonly id: string;
  readonly kind: ReferralKind;
  readonly status: ReferralStatus;
  /** Counts acts; what a clock says by itself does not count unless it moves the referral. */
  readonly version: number;
  /** How many events it has. */
  readonly sequence: number;
  readonly from: string;
  readonly lead: string;
  /** Exactly one while it is open: the sender until acceptance (首接负责), then the lead. */
  readonly responsible: string | null;
  readonly participants: readonly Participant[];
  readonly urgency: Urgency;
  readonly playbook: { readonly id: string; readonly version: string };
  readonly step: string;
  readonly parent: string | null;
  readonly clocks: readonly Clock[];
  /** Where a return or a withdrawal that is refused goes back to. */
  readonly before: ReferralStatus | null;
  /** Leads that gave it back, once for each time. */
  readonly returnedBy: readonly string[];
  /** Who is to decide on jurisdiction (信访工作条例 24); null when nobody has to. */
  readonly superior: string | null;
  /** Its lead was decided upon and cannot give it back. */
  readonly isBound: boolean;
  /** Has its present lead told of anything it did? Accepting, beginning and handing on are no attempt. */
  readonly hasTried: boolean;
  readonly isConsulted: boolean;
  /** Number of persons and organisations told of the latest feedback; null without one. */
  readonly informed: number | null;
  /** The path that the law has for it (法定途径), and whether the latest feedback told of it in writing. */
  readonly statutoryPath: StatutoryPath | null;
  readonly pathTold: boolean;
  /** Who has rated since the latest feedback. */
  readonly rated: readonly RatedBy[];
  /** The person objects: it does not close before they say otherwise. */
  readonly isObjected: boolean;
}
