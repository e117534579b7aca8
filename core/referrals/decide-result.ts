/** Acts on the result: feedback, closing, rating, the return visit. */
import type { ActOf } from './act.ts';
import { bad, blank, CHILD_OPEN, happened, notYet, said, words, type Decision } from './decision.ts';
import type { Happened } from './event.ts';
import type { ReferralState } from './state.ts';
import type { Refusal, TransitionContext } from './context.ts';

const toldPath = ({ pathInWriting = false }: { readonly pathInWriting?: boolean }): boolean => pathInWriting;

export function feedback({ kind }: ReferralState, act: ActOf<'FEEDBACK'>, context: TransitionContext): Decision {
  if (blank(act.text)) return bad('text', 'Say what came of it.');
  if (act.informed.some(({ party, how }) => blank(party) || blank(how)))
    return bad('partiesInformed', 'Say who was told, and how.');
  if (act.informed.some(({ at }) => at > context.now.toISOString()))
    return bad('partiesInformed', 'They cannot have been told yet.');
  const { outcome, agreementSha256, helpMayBeTold = false } = act;
  if (helpMayBeTold && kind !== 'COUNSELLING')
    return bad('helpMayBeTold', 'Only what came of counselling stays with who gave it; leave this out.');
  return happened({
    type: 'FEEDBACK',
    body: {
      ...{ outcome, informed: act.informed.length, pathTold: act.informed.some(toldPath), agreementSha256 },
      ...(helpMayBeTold ? { helpMayBeTold } : {}),
    },
    ...words({ text: act.text, informed: act.informed }),
  });
}

export function close(
  state: ReferralState,
  act: ActOf<'CLOSE'>,
  { playbook, openChildren, knows, isBarred }: TransitionContext,
): Decision {
  const { closing } = playbook;
  const refuse = (message: string): Refusal => notYet('CLOSE', state, playbook, message);
  if (openChildren > 0) return refuse(CHILD_OPEN);
  if (state.isObjected) return refuse('The person objects. It stays open until they say otherwise.');
  const withoutReport = closing.withoutFeedback.includes(state.kind);
  if (!withoutReport && state.informed === null) return refuse('Nothing has been fed back yet.');
  if (!withoutReport && (state.informed ?? 0) < closing.informed)
    return refuse(`At least ${closing.informed} of the parties must have been told the result: who, how and when.`);
  // What was sorted to a path of the law has one, whether or not the responsibility list names it.
  const hasPath = (state.statutoryPath ?? null) !== null || state.kind === 'STATUTORY_PATH';
  if (!withoutReport && closing.pathTold && hasPath && !state.pathTold)
    return refuse('The person has not been told in writing which path the law has for it, who handles it and how.');
  const missing = closing.rated.filter((by) => !state.rated.includes(by));
  if (missing.length > 0) return refuse(`It has not been rated yet by: ${missing.join(', ')}.`);
  if (closing.consulted && !state.isConsulted) return refuse('This playbook asks for a consultation first.');
  // Who has been accused or closed since reports nothing any more.
  const silent = state.participants.some(
    ({ organisation, role, reportedAt }) =>
      role !== 'GUIDING' && reportedAt === null && knows(organisation) && !isBarred(organisation),
  );
  if (closing.everybodyReported && silent) return refuse('Not everybody who takes part has reported.');
  return happened({ type: 'CLOSED', body: {}, ...said(act) });
}

export function rate(state: ReferralState, act: ActOf<'RATE'>, { playbook, acting }: TransitionContext): Decision {
  if (!Number.isInteger(act.score) || act.score < 1 || act.score > 5) return bad('score', 'A score is 1 to 5.');
  if (!playbook.raters.includes(act.by))
    return bad('by', `In this playbook these rate: ${playbook.raters.join(', ')}.`);
  const isLead = acting.sides.includes('LEAD');
  const isSender = acting.sides.includes('SENDER');
  // Who is judged does not write down the judgement.
  const may =
    act.by === 'RESPONDER' ? isLead : isSender || (act.by === 'PERSON' && !isLead && acting.sides.includes('CENTRE'));
  if (!may) return { refused: 'FORBIDDEN', message: 'This rating is for another side to give.' };
  if (act.objects && act.by !== 'PERSON') return bad('objects', 'Only the person concerned objects.');
  if (state.status === 'CLOSED' && act.objects)
    return bad('objects', 'It is closed. A return visit finds out whether it holds.');
  const { by, score, objects } = act;
  return happened({ type: 'RATED', body: { by, score, objects }, ...words({ comment: act.comment ?? '' }) });
}

export function visit(_: ReferralState, act: ActOf<'VISIT'>, context: TransitionContext): Decision {
  if (act.visitedAt > context.now.toISOString()) return bad('visitedAt', 'It cannot have been yet.');
  if (!Number.isInteger(act.interviewed) || act.interviewed < 1) return bad('interviewed', 'At least one was asked.');
  const { visitedAt, holds, interviewed } = act;
  const visited: Happened = {
    type: 'VISITED',
    body: { visitedAt, holds, interviewed },
    ...words({ note: act.note ?? '' }),
  };
  return holds ? happened(visited) : happened(visited, { type: 'REOPENED', body: {} });
}
