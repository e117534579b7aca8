/**
 * The heart: a referral, an act and a moment give the next state with its events, or a refusal. Nothing here reads a clock,
 * a database or a file; what the act touches beyond the referral is handed in.
 */
import type { ActType, EventType } from '../playbooks/playbook.ts';
import type { Act } from './act.ts';
import { actsOf, whoMay } from './allowed.ts';
import { dueNext, startClocks, type Timing } from './clock.ts';
import type { ChildOrder, Refusal, TransitionContext } from './context.ts';
import { decide } from './decide.ts';
import type { Happened, ReferralEvent } from './event.ts';
import { evolve } from './evolve.ts';
import type { ReferralState } from './state.ts';

export interface Transition {
  readonly state: ReferralState;
  readonly events: readonly ReferralEvent[];
  readonly child: ChildOrder | null;
}

export const isRefusal = (result: object): result is Refusal => 'refused' in result;

/** What clocks say by themselves does not make a client's version stale. */
const SILENT: ReadonlySet<EventType> = new Set(['CLOCK_YELLOW', 'CLOCK_RED', 'RED_CARD', 'SUPERVISED']);

/** Puts what happened behind the state, one after the other, with the clocks that it starts. */
export function happen(
  id: string,
  before: ReferralState | null,
  happened: readonly Happened[],
  context: Timing,
): { readonly state: ReferralState; readonly events: readonly ReferralEvent[] } {
  const { playbook, now } = context;
  const events: ReferralEvent[] = [];
  const isSilent = happened.every(({ type }) => SILENT.has(type));
  const version = (before?.version ?? 0) + (isSilent ? 0 : 1);
  let state = before;
  const add = (one: Happened): void => {
    const step = playbook.steps.find(({ id: name }) => name === state?.step) ?? playbook.steps[0];
    const next = state === null ? step?.id : (step?.then?.[one.type] ?? state.step);
    const event: ReferralEvent = {
      ...one,
      sequence: (state?.sequence ?? 0) + 1,
      at: now.toISOString(),
      version,
      step: next ?? '',
    };
    events.push(event);
    state = evolve(id, state, event);
  };
  for (const one of happened) {
    add(one);
    for (const clock of startClocks(state as unknown as ReferralState, one, context))
      add({ type: 'CLOCK_STARTED', body: { clock } });
  }
  if (state === null) throw new Error('Nothing happened to a referral that is not there.');
  return { state, events };
}

/** Everything that clocks have to say by now, one thing at a time: each may change what the next one says. */
function tick(state: ReferralState, context: TransitionContext): Transition {
  const events: ReferralEvent[] = [];
  let after = state;
  for (let next = dueNext(after, context); next !== null; next = dueNext(after, context)) {
    const step = happen(state.id, after, next, context);
    events.push(...step.events);
    after = step.state;
  }
  return { state: after, events, child: null };
}

export function transition(state: ReferralState, act: Act, context: TransitionContext): Transition | Refusal {
  if (act.type === 'TICK') return tick(state, context);
  const allowed = actsOf(state, context.playbook);
  if (!allowed.includes(act.type)) {
    return {
      refused: 'ILLEGAL_TRANSITION',
      message: 'This cannot be done with the referral as it stands.',
      details: { status: state.status, allowed },
    };
  }
  if (!whoMay(act, state, context).some((side) => context.acting.sides.includes(side))) {
    return { refused: 'FORBIDDEN', message: 'This is for another side of the referral to do.' };
  }
  const decided = decide(state, act, context);
  if ('refused' in decided) return decided;
  return { ...happen(state.id, state, decided.happened, context), child: decided.child ?? null };
}

/** What this party may do now (`Referral.nextActs`). */
export const nextActs = (
  state: ReferralState,
  context: Pick<TransitionContext, 'playbook' | 'rules' | 'acting'>,
): ActType[] =>
  actsOf(state, context.playbook).filter((type) =>
    whoMay({ type }, state, context).some((side) => context.acting.sides.includes(side)),
  );
