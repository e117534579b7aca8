/** What an act that is this party's to do makes happen, or why it cannot. */
import type { Act, ActOf } from './act.ts';
import { decideExtension, pause, requestExtension, resume } from './decide-clock.ts';
import { consult, decideJurisdiction, decideReturn, forward, redirect, returnIt } from './decide-lead.ts';
import { close, feedback, rate, visit } from './decide-result.ts';
import { bad, blank, CHILD_OPEN, happened, notYet, said, words, type Decision } from './decision.ts';
import type { ReferralState } from './state.ts';
import type { TransitionContext } from './context.ts';

/** For whom the caller reports: itself, or the one below it that takes part, a bureau for its station. */
function reporterOf(state: ReferralState, { acting, isAbove }: TransitionContext): string {
  const parts = [
    { organisation: state.lead, side: 'LEAD' as const },
    ...state.participants.map(({ organisation, role }) => ({ organisation, side: role })),
  ];
  const part =
    parts.find(({ organisation }) => organisation === acting.organisation) ??
    parts.find(({ organisation, side }) => acting.sides.includes(side) && isAbove(acting.organisation, organisation));
  return part?.organisation ?? acting.organisation;
}

function withdraw(state: ReferralState, act: ActOf<'WITHDRAW'>, context: TransitionContext): Decision {
  // Once somebody has taken it, the lead has a say; unless it has been accused or closed since, and nobody is left to say it.
  const leadIsThere = context.knows(state.lead) && !context.isBarred(state.lead);
  if (state.responsible !== state.from && leadIsThere)
    return happened({ type: 'WITHDRAWAL_REQUESTED', body: {}, ...said(act) });
  if (context.openChildren > 0) return notYet('WITHDRAW', state, context.playbook, CHILD_OPEN);
  return happened({ type: 'WITHDRAWN', body: {}, ...said(act) });
}

function decideWithdrawal(state: ReferralState, act: ActOf<'DECIDE_WITHDRAWAL'>, context: TransitionContext): Decision {
  if (!act.agree && blank(act.note)) return bad('note', 'Say why not.');
  if (act.agree && context.openChildren > 0) return notYet('DECIDE_WITHDRAWAL', state, context.playbook, CHILD_OPEN);
  return happened({ type: act.agree ? 'WITHDRAWN' : 'WITHDRAWAL_REFUSED', body: {}, ...words({ note: act.note }) });
}

export function decide(
  state: ReferralState,
  act: Exclude<Act, { readonly type: 'TICK' }>,
  context: TransitionContext,
): Decision {
  switch (act.type) {
    case 'ACCEPT':
      return happened({ type: 'ACCEPTED', body: { organisation: state.lead }, ...said(act) });
    case 'START':
      return happened({ type: 'STARTED', body: {}, ...said(act) });
    case 'PROGRESS':
      return blank(act.note)
        ? bad('note', 'Say what was done.')
        : happened({ type: 'PROGRESS', body: { organisation: reporterOf(state, context) }, ...said(act) });
    case 'RETURN':
      return returnIt(state, act, context);
    case 'DECIDE_RETURN':
      return decideReturn(state, act, context);
    case 'REDIRECT':
      return redirect(state, act, context);
    case 'DECIDE_JURISDICTION':
      return decideJurisdiction(state, act, context);
    case 'FORWARD':
      return forward(state, act, context);
    case 'CONSULT':
      return consult(state, act, context);
    case 'PAUSE':
      return pause(state, act, context);
    case 'RESUME':
      return resume(state, act, context);
    case 'REQUEST_EXTENSION':
      return requestExtension(state, act, context);
    case 'DECIDE_EXTENSION':
      return decideExtension(state, act, context);
    case 'FEEDBACK':
      return feedback(state, act, context);
    case 'CLOSE':
      return close(state, act, context);
    case 'RATE':
      return rate(state, act, context);
    case 'VISIT':
      return visit(state, act, context);
    case 'SUPERVISE':
      return blank(act.note)
        ? bad('note', 'Say what is expected, and by when.')
        : happened({
            type: 'SUPERVISED',
            body: { rung: act.rung, clock: null, nextAt: null },
            ...words({ note: act.note }),
          });
    case 'WITHDRAW':
      return withdraw(state, act, context);
    case 'DECIDE_WITHDRAWAL':
      return decideWithdrawal(state, act, context);
  }
}
