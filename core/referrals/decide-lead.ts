/** Acts on who has it: giving back, another lead, children, consultation. */
import type { ActOf } from './act.ts';
import { bad, blank, happened, said, words, type Decision } from './decision.ts';
import type { ReferralState } from './state.ts';
import type { Refusal, TransitionContext } from './context.ts';

/** Whoever hands this on writes it down as attempted (domain rule 1). */
export const BARRED: Refusal = {
  refused: 'ROUTING_FORBIDDEN',
  message: 'An accusation goes neither to those it is against nor to anybody under them.',
};

/** Whoever is to take part: known, open, and not barred by an accusation. */
function refuseParties(context: TransitionContext, field: string, organisations: readonly string[]): Refusal | null {
  for (const organisation of organisations) {
    // Barred before unknown: whether it exists says nothing here, and refused attempts are written down.
    if (context.isBarred(organisation)) return BARRED;
    if (!context.knows(organisation)) return bad(field, 'There is no such organisation, or it is closed.');
  }
  return null;
}

function refuseCircle(state: ReferralState, context: TransitionContext, field: string, lead: string): Refusal | null {
  if (lead === state.lead || lead === state.from || context.above.includes(lead))
    return bad(field, 'It would come back to one who has it or had it above: no circles.');
  return null;
}

/** By the second time the same two disagree it is no longer theirs to settle. */
const bouncedBefore = ({ returnedBy, lead }: ReferralState): boolean => returnedBy.includes(lead);

export function returnIt(state: ReferralState, act: ActOf<'RETURN'>, context: TransitionContext): Decision {
  if (blank(act.note)) return bad('note', 'Say why it is given back.');
  const superior = bouncedBefore(state) ? context.superiorOf(state.from, state.lead) : null;
  return happened({ type: 'RETURN_REQUESTED', body: { superior }, ...said(act) });
}

export function decideReturn(state: ReferralState, act: ActOf<'DECIDE_RETURN'>, context: TransitionContext): Decision {
  if (!act.agree && blank(act.note)) return bad('note', 'Say why not.');
  const superior = act.agree ? null : context.superiorOf(state.from, state.lead);
  return happened({ type: 'RETURN_DECIDED', body: { agreed: act.agree, superior }, ...words({ note: act.note }) });
}

export function redirect(state: ReferralState, act: ActOf<'REDIRECT'>, context: TransitionContext): Decision {
  const refusal = refuseParties(context, 'to', [act.lead]);
  if (refusal) return refusal;
  const again = act.lead === state.lead && !state.returnedBy.slice(0, -1).includes(act.lead);
  // To the one who just gave it back: once more, with reasons; the second time the superior decides.
  const circle = again ? null : refuseCircle(state, context, 'to', act.lead);
  if (circle) return circle;
  if (!again && state.returnedBy.includes(act.lead))
    return bad('to', 'It has given this referral back before: no circles.');
  if (blank(act.note)) return bad('reason', 'Say why.');
  return happened({ type: 'REDIRECTED', body: { lead: act.lead }, ...words({ note: act.note }) });
}

export function decideJurisdiction(
  state: ReferralState,
  act: ActOf<'DECIDE_JURISDICTION'>,
  context: TransitionContext,
): Decision {
  const refusal = refuseParties(context, 'lead', [act.lead]);
  if (refusal) return refusal;
  // The sender may be told that the matter is its own.
  if (act.lead !== state.lead && act.lead !== state.from && context.above.includes(act.lead))
    return bad('lead', 'It has the matter already: no circles.');
  if (blank(act.note)) return bad('reason', 'Say why.');
  return happened({ type: 'JURISDICTION_DECIDED', body: { lead: act.lead }, ...words({ note: act.note }) });
}

export function forward(state: ReferralState, act: ActOf<'FORWARD'>, context: TransitionContext): Decision {
  const { lead, undertaking, assisting } = act;
  const refusal =
    refuseParties(context, 'to', [lead]) ??
    refuseParties(context, 'undertaking', undertaking) ??
    refuseParties(context, 'assisting', assisting) ??
    refuseCircle(state, context, 'to', lead);
  if (refusal) return refusal;
  if (blank(act.note)) return bad('note', 'Say what is to be done.');
  if (context.playbook.tiered && context.isAbove(lead, state.lead)) {
    if (!state.hasTried)
      return bad('to', 'The level above takes it only after this level has tried: tell first what was done.');
    if (context.levelUp(state.lead) !== lead) return bad('to', 'It goes up one level at a time.');
  }
  const child = { id: context.childId, lead, kind: act.kind ?? state.kind, undertaking, assisting, note: act.note };
  return {
    happened: [{ type: 'FORWARDED', body: { child: context.childId, lead }, ...words({ note: act.note }) }],
    child,
  };
}

export function consult(_: ReferralState, act: ActOf<'CONSULT'>, context: TransitionContext): Decision {
  if (act.with.length === 0) return bad('with', 'A consultation is held with at least one organisation.');
  const refusal =
    refuseParties(context, 'with', act.with) ??
    refuseParties(
      context,
      'tasks',
      act.tasks.map(({ organisation }) => organisation),
    );
  if (refusal) return refusal;
  if (act.heldAt > context.now.toISOString()) return bad('heldAt', 'It cannot have been held yet.');
  if (act.tasks.some(({ task, dueAt }) => blank(task) || dueAt <= act.heldAt))
    return bad('tasks', 'Say what is to be done, and by a time after the consultation.');
  const tasks = act.tasks.map(({ organisation, dueAt }) => ({ organisation, dueAt }));
  return happened({
    type: 'CONSULTED',
    body: { with: act.with, heldAt: act.heldAt, tasks },
    ...words({ note: act.conclusion ?? '', tasks: act.tasks.map(({ task }) => task) }),
  });
}
