/** Acts on a clock: standing still and extension, as far as its rule knows them. */
import { legalDay } from '../platform/clock.ts';
import type { ActOf } from './act.ts';
import { effectiveDue, mostExtended, resumed, yellowOfExtended } from './clock.ts';
import { bad, blank, happened, words, type Decision } from './decision.ts';
import type { Clock, ReferralState } from './state.ts';
import type { Refusal, TransitionContext } from './context.ts';

/** Those that press another side are not the lead's to stop or to extend. */
const ofAnother = ({ presses }: Clock): boolean => presses === 'SENDER' || presses === 'SUPERIOR';

function openClock(state: ReferralState, id: string): Clock | Refusal {
  const clock = state.clocks.find((one) => one.id === id);
  if (!clock || clock.stoppedAt !== null) return bad('clock', 'This referral has no such running clock.');
  return clock;
}

/** Whether or not it has been said: the worker may be a moment late. A clock that stands still runs out only afterwards. */
const hasRunOut = (clock: Clock, { now }: TransitionContext): boolean =>
  clock.light === 'RED' || (clock.pausedAt === null && effectiveDue(clock) <= now.toISOString());

export function pause(state: ReferralState, act: ActOf<'PAUSE'>, context: TransitionContext): Decision {
  const clock = openClock(state, act.clock);
  if ('refused' in clock) return clock;
  if (ofAnother(clock)) return bad('clock', 'This clock presses another side.');
  if (clock.pausedAt !== null) return bad('clock', 'This clock stands still already.');
  if (hasRunOut(clock, context)) return bad('clock', 'This clock has run out; it cannot be stopped any more.');
  const version = context.rules.ofVersion(clock.rule, clock.ruleVersion);
  const reasons = version?.pauses.map(({ reason }) => reason) ?? [];
  if (!reasons.includes(act.reason)) {
    return bad(
      'reason',
      reasons.length === 0
        ? 'The rule of this clock knows no reason to stand still.'
        : `The rule of this clock stands still only for: ${reasons.join(', ')}.`,
    );
  }
  return happened({ type: 'CLOCK_PAUSED', body: { clock: clock.id, reason: act.reason } });
}

export function resume(state: ReferralState, act: ActOf<'RESUME'>, context: TransitionContext): Decision {
  const clock = openClock(state, act.clock);
  if ('refused' in clock) return clock;
  if (clock.pausedAt === null) return bad('clock', 'This clock is running.');
  return happened({ type: 'CLOCK_RESUMED', body: { clock: clock.id, ...resumed(clock, context) } });
}

export function requestExtension(
  state: ReferralState,
  act: ActOf<'REQUEST_EXTENSION'>,
  context: TransitionContext,
): Decision {
  const clock = openClock(state, act.clock);
  if ('refused' in clock) return clock;
  if (ofAnother(clock)) return bad('clock', 'This clock presses another side.');
  if (blank(act.note)) return bad('reason', 'Say why.');
  if (hasRunOut(clock, context)) return bad('clock', 'This clock has run out; it cannot be extended any more.');
  if (clock.extensionAsked !== null) return bad('clock', 'An extension of this clock has been asked for already.');
  const version = context.rules.ofVersion(clock.rule, clock.ruleVersion);
  const most = version ? mostExtended(clock, version, context) : null;
  if (most === null) return bad('clock', 'The rule of this clock knows no extension, or no further one.');
  if (act.until <= effectiveDue(clock)) return bad('until', 'That is not later than it is due now.');
  if (most.until !== null && act.until > most.until)
    return bad('until', `Its rule allows an extension to ${legalDay(new Date(Date.parse(most.until) - 1))} at most.`);
  return happened({
    type: 'EXTENSION_REQUESTED',
    body: { clock: clock.id, until: act.until },
    ...words({ note: act.note }),
  });
}

export function decideExtension(
  state: ReferralState,
  act: ActOf<'DECIDE_EXTENSION'>,
  context: TransitionContext,
): Decision {
  const clock = openClock(state, act.clock);
  if ('refused' in clock) return clock;
  if (clock.extensionAsked === null) return bad('clock', 'Nobody has asked for an extension of this clock.');
  if (!act.approve && blank(act.note)) return bad('note', 'Say why not.');
  // It may have stood still since, or nobody has decided in time: what was asked for is then no extension any more.
  if (act.approve && (clock.extensionAsked <= effectiveDue(clock) || clock.extensionAsked <= context.now.toISOString()))
    return bad('approve', 'What was asked for is over by now. Refuse it, and let them ask anew.');
  const until = act.approve ? clock.extensionAsked : null;
  return happened({
    type: 'EXTENSION_DECIDED',
    body: { clock: clock.id, approved: act.approve, until, yellowAt: until && yellowOfExtended(clock, until, context) },
    ...words({ note: act.note }),
  });
}
