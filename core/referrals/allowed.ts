/** Which acts a status has, and whose they are. A playbook's step narrows both. */
import type { Rules } from '../calendar/load-rules.ts';
import type { ActType, Playbook, Side } from '../playbooks/playbook.ts';
import { WHOSE_ACT } from '../playbooks/whose-act.ts';
import type { Clock, ReferralState, ReferralStatus } from './state.ts';

const HANDLING: readonly ActType[] = [
  'FORWARD',
  'CONSULT',
  'PROGRESS',
  'PAUSE',
  'RESUME',
  'REQUEST_EXTENSION',
  'DECIDE_EXTENSION',
  'FEEDBACK',
];

const BY_STATUS: Readonly<Record<ReferralStatus, readonly ActType[]>> = {
  DISPATCHED: ['ACCEPT', 'RETURN', 'DECIDE_JURISDICTION', 'WITHDRAW', 'SUPERVISE'],
  ACCEPTED: ['START', 'RETURN', 'DECIDE_JURISDICTION', ...HANDLING, 'CLOSE', 'WITHDRAW', 'SUPERVISE'],
  IN_HANDLING: ['DECIDE_JURISDICTION', ...HANDLING, 'WITHDRAW', 'SUPERVISE'],
  RETURN_REQUESTED: ['DECIDE_RETURN', 'DECIDE_JURISDICTION', 'SUPERVISE'],
  RETURNED: ['REDIRECT', 'WITHDRAW', 'SUPERVISE'],
  // Closing may wait for those who have not reported, or for a consultation.
  FEEDBACK_GIVEN: ['CONSULT', 'PROGRESS', 'FEEDBACK', 'CLOSE', 'RATE', 'SUPERVISE'],
  CLOSED: ['RATE', 'VISIT'],
  WITHDRAWAL_REQUESTED: ['DECIDE_WITHDRAWAL', 'SUPERVISE'],
  WITHDRAWN: [],
};

/** Two say no to the same referral: no sender decides that any more (信访工作条例 24). */
const isWithSuperior = ({ superior }: ReferralState): boolean => superior !== null;

const runningClocks = ({ clocks }: ReferralState): Clock[] => clocks.filter(({ stoppedAt }) => stoppedAt === null);

/** What an act needs besides its status. */
const NEEDS: Readonly<Partial<Record<ActType, (state: ReferralState) => boolean>>> = {
  DECIDE_JURISDICTION: isWithSuperior,
  DECIDE_RETURN: (state) => !isWithSuperior(state),
  RETURN: (state) => !state.isBound && !isWithSuperior(state),
  WITHDRAW: (state) => !isWithSuperior(state),
  RESUME: (state) => runningClocks(state).some(({ pausedAt }) => pausedAt !== null),
  DECIDE_EXTENSION: (state) => runningClocks(state).some(({ extensionAsked }) => extensionAsked !== null),
};

export function actsOf(state: ReferralState, playbook: Playbook): ActType[] {
  const step = playbook.steps.find(({ id }) => id === state.step);
  return BY_STATUS[state.status].filter(
    (type) =>
      (NEEDS[type]?.(state) ?? true) &&
      (type === 'SUPERVISE' || !step?.acts || step.acts.includes(type)) &&
      (type !== 'CLOSE' || state.status !== 'ACCEPTED' || playbook.closing.withoutFeedback.includes(state.kind)),
  );
}

/** Of extensions the clock's rule says who decides: where it is the unit's own head (信访工作条例 34), the sender does not. */
const decidesExtension = (clock: Clock, rules: Rules): readonly Side[] => {
  const by = rules.ofVersion(clock.rule, clock.ruleVersion)?.extension?.by;
  return by && by !== 'CONSENT' && by !== 'REFERRER' ? ['HEAD'] : ['SENDER'];
};

/** Whose act it is. Without a clock: whoever decides on one of those for which an extension has been asked. */
export function whoMay(
  act: { readonly type: ActType | 'TICK'; readonly clock?: string },
  state: ReferralState,
  { playbook, rules }: { readonly playbook: Playbook; readonly rules: Rules },
): readonly Side[] {
  if (act.type === 'TICK') return [];
  const named = playbook.steps.find(({ id }) => id === state.step)?.by?.[act.type];
  const usual = act.type === 'DECIDE_EXTENSION' ? whoDecidesExtension(state, act.clock, rules) : WHOSE_ACT[act.type];
  return named ? usual.filter((side) => named.includes(side)) : usual;
}

function whoDecidesExtension(state: ReferralState, id: string | undefined, rules: Rules): readonly Side[] {
  const asked = runningClocks(state).filter(({ extensionAsked }) => extensionAsked !== null);
  const meant = asked.filter((clock) => clock.id === id);
  return [...new Set((meant.length > 0 ? meant : asked).flatMap((clock) => decidesExtension(clock, rules)))];
}
