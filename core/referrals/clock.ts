/** Clocks of a referral: started by events, due by the calendar, and what they have to say when their time comes. */
import {
  clockAmount,
  dueAt,
  extendedDue,
  lastInstantBefore,
  yellowAt,
  yellowBetween,
  type Span,
} from '../calendar/deadline.ts';
import { dayName, dayNumber } from '../calendar/legal-day.ts';
import type { RuleInForce } from '../calendar/load-rules.ts';
import { legalDay } from '../platform/clock.ts';
import type { ClockSpec } from '../playbooks/playbook.ts';
import type { Happened } from './event.ts';
import type { Clock, Instant, LadderRung, ReferralState, ReferralStatus } from './state.ts';
import type { TransitionContext } from './context.ts';
import { pressedBy, type PressedParty } from './pressed.ts';

export type Timing = Pick<TransitionContext, 'now' | 'playbook' | 'rules' | 'workingDays' | 'levelOf'>;

const HOUR_MS = 3_600_000;

const spanOf = ({ startedAt, amount, unit, rolls, pauses }: Clock): Span => ({
  startedAt: new Date(startedAt),
  amount,
  unit,
  rolls,
  pauses: pauses.map(({ from, until }) => ({ from: new Date(from), until: new Date(until) })),
});

/** When so long has passed since `at`. What was due at 24:00 of a day is followed by the day after it, as with an extension. */
const after = (at: Instant, length: LadderRung['after'], { workingDays, now }: Timing): Instant =>
  length.amount === 0
    ? at
    : extendedDue({ dueAt: new Date(at), ...length, rolls: false, pauses: [] }, workingDays, now).toISOString();

const appliesTo = (spec: ClockSpec, { kind, urgency }: ReferralState): boolean =>
  (spec.kinds?.includes(kind) ?? true) && (spec.urgencies?.includes(urgency) ?? true);

function startClock(
  state: ReferralState,
  spec: ClockSpec,
  rule: RuleInForce,
  { organisation, until }: PressedParty,
  timing: Timing,
): Clock {
  // A day that was set is shown in whole hours: no rule's amount says it.
  const { amount, unit } =
    until === null
      ? clockAmount(rule, timing.now)
      : {
          amount: Math.max(1, Math.ceil((Date.parse(until) - timing.now.getTime()) / HOUR_MS)),
          unit: 'HOURS' as const,
        };
  const clock: Clock = {
    id: `${state.id.replace(/^ref_/, 'clk_')}-${state.sequence + 1}`,
    name: spec.id,
    rule: rule.id,
    ruleVersion: rule.version,
    basis: rule.basis,
    amount,
    unit,
    rolls: rule.rolls,
    organisation,
    presses: spec.presses,
    startedAt: timing.now.toISOString(),
    yellowAt: '',
    dueAt: '',
    pausedAt: null,
    pauses: [],
    extendedUntil: null,
    extensionAsked: null,
    extensions: 0,
    stops: spec.stops,
    keepsOnReturn: spec.keepsOnReturn,
    redCard: spec.redCard,
    ladder: spec.ladder,
    rung: 0,
    light: 'GREEN',
    nextAt: null,
    stoppedAt: null,
  };
  const due = until === null ? dueAt(spanOf(clock), timing.workingDays, timing.now) : new Date(until);
  const yellow = yellowBetween(timing.now, due, [], timing.now).toISOString();
  return { ...clock, dueAt: due.toISOString(), yellowAt: yellow, nextAt: yellow };
}

/** The clocks that an event starts, one after the other. A rule that is not in force on that day starts none. */
export function* startClocks(state: ReferralState, event: Happened, timing: Timing): Generator<Clock> {
  let sequence = state.sequence;
  for (const spec of timing.playbook.clocks) {
    if (!spec.starts.includes(event.type) || !appliesTo(spec, state)) continue;
    // A superior decided that whoever has accepted keeps it: nobody is asked to accept.
    if (event.type === 'JURISDICTION_DECIDED' && state.status !== 'DISPATCHED' && spec.stops.includes('ACCEPTED'))
      continue;
    const runs = state.clocks.some(({ name, stoppedAt }) => name === spec.id && stoppedAt === null);
    if (runs && spec.presses !== 'TASK') continue;
    const found = timing.rules.inForce(spec.rule, legalDay(timing.now));
    if (!found) continue;
    for (const party of pressedBy(spec, state, event)) {
      const level = timing.levelOf(party.organisation);
      if (spec.levels && (level === null || !spec.levels.includes(level))) continue;
      yield startClock({ ...state, sequence: sequence++ }, spec, found, party, timing);
    }
  }
}

export const effectiveDue = ({ extendedUntil, dueAt: due }: Clock): Instant => extendedUntil ?? due;

/** When the clock's next rung is to be climbed, counted from `since`; null above the last. */
const rungAt = (clock: Clock, rung: number, since: Instant, timing: Timing): Instant | null => {
  const next = clock.ladder[rung];
  return next ? after(since, next.after, timing) : null;
};

/** While the lead has it. Given back or answered it is the sender's turn, and once over there is nothing to hand up. */
const ESCALATING: ReadonlySet<ReferralStatus> = new Set([
  'DISPATCHED',
  'ACCEPTED',
  'IN_HANDLING',
  'RETURN_REQUESTED',
  'WITHDRAWAL_REQUESTED',
]);

/** Null where nobody can take it: at the top, or where it would come back to one who has it or had it above. */
function nextLevel(state: ReferralState, { levelUp, above }: TransitionContext): string | null {
  const lead = ESCALATING.has(state.status) ? levelUp(state.lead) : null;
  return lead === null || lead === state.from || above.includes(lead) ? null : lead;
}

function say(state: ReferralState, clock: Clock, at: Instant, context: TransitionContext): Happened[] {
  if (clock.light === 'GREEN') return [{ type: 'CLOCK_YELLOW', body: { clock: clock.id } }];
  if (clock.light === 'YELLOW') {
    const nextAt = rungAt(clock, 0, effectiveDue(clock), context);
    const body = { clock: clock.id, nextAt };
    return clock.redCard ? [{ type: 'RED_CARD', body }] : [{ type: 'CLOCK_RED', body }];
  }
  const rung = clock.ladder[clock.rung];
  if (!rung) return [];
  const lead = rung.do === 'ESCALATE' ? nextLevel(state, context) : null;
  if (lead !== null) {
    // Counted from now: however late the worker is, the next level has its time.
    const nextAt = rungAt(clock, clock.rung + 1, context.now.toISOString(), context);
    return [{ type: 'ESCALATED', body: { lead, clock: clock.id, nextAt } }];
  }
  // Counted from when this rung was due, not from when somebody looked: a worker that was away makes nothing later.
  const nextAt = rungAt(clock, clock.rung + 1, at, context);
  // With nobody to hand it up to it is put on the public list instead.
  return [{ type: 'SUPERVISED', body: { rung: rung.do === 'ESCALATE' ? 'LIST' : rung.do, clock: clock.id, nextAt } }];
}

/** What the clock that is due first has to say; null when none is due by now. */
export function dueNext(state: ReferralState, context: TransitionContext): Happened[] | null {
  const now = context.now.toISOString();
  const due = state.clocks
    .filter((clock): clock is Clock & { nextAt: Instant } => clock.nextAt !== null && clock.nextAt <= now)
    .sort((a, b) => (a.nextAt < b.nextAt ? -1 : 1))[0];
  return due ? say(state, due, due.nextAt, context) : null;
}

/** A date moved by what stood still, in the clock's own unit. */
function moved(date: Instant, clock: Clock, from: Instant, { now, workingDays }: Timing): Instant {
  if (clock.unit === 'HOURS') return new Date(Date.parse(date) + now.getTime() - Date.parse(from)).toISOString();
  const { unit, rolls } = clock;
  let amount = 0;
  for (let day = dayNumber(new Date(from)) + 1; day <= dayNumber(now); day++)
    if (unit === 'DAYS' || workingDays.isWorkingDay(dayName(day))) amount++;
  if (amount === 0) return date;
  return extendedDue({ dueAt: new Date(date), amount, unit, rolls, pauses: [] }, workingDays, now).toISOString();
}

/** Where a clock stands that goes on at `now` after standing still. */
export function resumed(clock: Clock, timing: Timing) {
  const { now, workingDays } = timing;
  const until = now.toISOString();
  const from = clock.pausedAt ?? until;
  const goingOn: Clock = { ...clock, pauses: [...clock.pauses, { from, until }] };
  const span = spanOf(goingOn);
  // An extension was granted as a date: what stood still since then is added to it as it is to the due date.
  const extendedUntil = clock.extendedUntil === null ? null : moved(clock.extendedUntil, clock, from, timing);
  return {
    dueAt: dueAt(span, workingDays, now).toISOString(),
    yellowAt:
      extendedUntil === null
        ? yellowAt(span, workingDays, now).toISOString()
        : yellowOfExtended(goingOn, extendedUntil, timing),
    extendedUntil,
  };
}

/** To what date this clock may be extended, `until` null being any; null when its rule knows no extension, or no further one. */
export function mostExtended(
  clock: Clock,
  { extension }: RuleInForce,
  { workingDays, now }: Timing,
): { readonly until: Instant | null } | null {
  if (!extension || (extension.times !== null && clock.extensions >= extension.times)) return null;
  if (extension.atMost === null) return { until: null };
  const due = new Date(effectiveDue(clock));
  const length = clockAmount(extension.atMost, lastInstantBefore(due));
  const until = extendedDue({ dueAt: due, ...length, rolls: clock.rolls, pauses: [] }, workingDays, now);
  return { until: until.toISOString() };
}

export const yellowOfExtended = (clock: Clock, until: Instant, { now }: Pick<Timing, 'now'>): Instant =>
  yellowBetween(new Date(clock.startedAt), new Date(until), spanOf(clock).pauses, now).toISOString();
