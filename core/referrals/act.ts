/** What somebody asks to be done to a referral, parsed. Organisations are ids; times RFC 3339 in UTC. */
import type { RatedBy, ReferralKind, Rung, Urgency } from '../playbooks/playbook.ts';
import type { StatutoryPath } from '../routing/responsibility.ts';
import type { EventWords } from './event.ts';
import type { Instant } from './state.ts';

export interface Noted {
  readonly note?: string | undefined;
  readonly attachments?: EventWords['attachments'] | undefined;
}

interface Decision {
  readonly agree: boolean;
  readonly note: string;
}

interface AnotherLead {
  readonly lead: string;
  readonly note: string;
}

export interface ActBodies {
  readonly ACCEPT: Noted;
  readonly START: Noted;
  readonly PROGRESS: Noted;
  readonly CLOSE: Noted;
  readonly WITHDRAW: Noted;
  /** `note` is the reason. */
  readonly RETURN: Noted;
  readonly DECIDE_RETURN: Decision;
  readonly DECIDE_WITHDRAWAL: Decision;
  readonly REDIRECT: AnotherLead;
  readonly DECIDE_JURISDICTION: AnotherLead;
  readonly FORWARD: {
    readonly lead: string;
    readonly kind: ReferralKind | null;
    readonly undertaking: readonly string[];
    readonly assisting: readonly string[];
    readonly note: string;
  };
  readonly CONSULT: {
    readonly with: readonly string[];
    readonly heldAt: Instant;
    readonly conclusion?: string | undefined;
    readonly tasks: readonly { readonly organisation: string; readonly task: string; readonly dueAt: Instant }[];
  };
  readonly PAUSE: { readonly clock: string; readonly reason: string };
  readonly RESUME: { readonly clock: string };
  readonly REQUEST_EXTENSION: { readonly clock: string; readonly until: Instant; readonly note: string };
  readonly DECIDE_EXTENSION: { readonly clock: string; readonly approve: boolean; readonly note: string };
  readonly FEEDBACK: {
    readonly outcome: string;
    readonly text: string;
    readonly informed: NonNullable<EventWords['informed']>;
    readonly agreementSha256: string | null;
    readonly helpMayBeTold?: boolean;
  };
  readonly RATE: {
    readonly by: RatedBy;
    readonly score: number;
    readonly comment?: string | undefined;
    readonly objects: boolean;
  };
  readonly VISIT: {
    readonly visitedAt: Instant;
    readonly holds: boolean;
    readonly interviewed: number;
    readonly note?: string | undefined;
  };
  readonly SUPERVISE: { readonly rung: Rung; readonly note: string };
  /** The clocks' own: whatever is due by now. */
  readonly TICK: object;
}

export type ActOf<Type extends keyof ActBodies> = { readonly type: Type } & ActBodies[Type];
export type Act = { readonly [Type in keyof ActBodies]: ActOf<Type> }[keyof ActBodies];

export interface OpenReferral {
  readonly disputeId: string;
  readonly kind: ReferralKind;
  readonly from: string;
  readonly lead: string;
  readonly undertaking: readonly string[];
  readonly assisting: readonly string[];
  readonly guiding: readonly string[];
  readonly urgency: Urgency;
  readonly summary: string;
  readonly legalBasis: string;
  readonly parent: string | null;
  readonly routed: string | null;
  /** The path that the law has for it, by the responsibility list. */
  readonly statutoryPath?: StatutoryPath | null;
}
