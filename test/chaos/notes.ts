/** What those who take part know for themselves: what was asked and answered, by which the end is judged. */
import type { EventType } from '../../core/playbooks/playbook.ts';
import type { ReferralStatus } from '../../core/referrals/state.ts';

export interface ActNote {
  /** Stands in the words of the act, so that its event can be told from all others. */
  readonly mark: string;
  /** Organisation code. */
  readonly by: string;
  readonly event: EventType;
  /** Null while it is not known: of one that is opened until the answer is there. */
  referral: string | null;
  /** What the API answered; of what a department's system sent, what must become of it. */
  isDone: boolean;
}

export interface PostNote {
  /** `webhook-id`. */
  readonly id: string;
  readonly org: string;
  readonly expects: 'APPLIED' | 'REJECTED';
}

export interface Expected {
  readonly status: ReferralStatus;
  readonly lead: string;
}

export interface Notes {
  /** By mark. */
  readonly acts: Map<string, ActNote>;
  /** By `webhook-id`; those that were answered with 202. */
  readonly posts: Map<string, PostNote>;
  /** Where each referral's acts left it, by its id. */
  readonly expected: Map<string, Expected>;
  disputes: number;
  readonly counts: Map<string, number>;
  count(what: string, by?: number): void;
  readonly violations: string[];
}

export function createNotes(): Notes {
  const counts = new Map<string, number>();
  return {
    acts: new Map(),
    posts: new Map(),
    expected: new Map(),
    disputes: 0,
    counts,
    count: (what, by = 1) => void counts.set(what, (counts.get(what) ?? 0) + by),
    violations: [],
  };
}
