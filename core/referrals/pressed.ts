/** Whom a clock presses when an event starts it: the one who has to act now, or nobody. */
import type { ClockSpec } from '../playbooks/playbook.ts';
import type { Happened } from './event.ts';
import type { Instant, ReferralState } from './state.ts';

export interface PressedParty {
  readonly organisation: string;
  /** The day that was set for it; null: the rule's. */
  readonly until: Instant | null;
}

/** After the event. One clock for each of them. */
export function pressedBy({ presses }: ClockSpec, state: ReferralState, event: Happened): readonly PressedParty[] {
  switch (presses) {
    case 'LEAD':
      return [{ organisation: state.lead, until: null }];
    case 'SENDER':
      return isForSender(state, event) ? [{ organisation: state.from, until: null }] : [];
    case 'SUPERIOR':
      return state.superior === null ? [] : [{ organisation: state.superior, until: null }];
    case 'TASK':
      return event.type === 'CONSULTED'
        ? event.body.tasks.map(({ organisation, dueAt }) => ({ organisation, until: dueAt }))
        : [];
  }
}

/** A return between two that disagree again is the superior's to decide; one that is refused leaves the sender nothing to do. */
function isForSender({ status, superior }: ReferralState, { type }: Happened): boolean {
  if (type === 'RETURN_REQUESTED') return superior === null;
  return type !== 'RETURN_DECIDED' || status === 'RETURNED';
}
