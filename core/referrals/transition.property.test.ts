/** Anybody does anything at any time: whatever comes of it is legal. More runs: FULL=20000. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  caller,
  clocks,
  clocksByLevel,
  clocksOfOthers,
  contextAt,
  openAt,
  organisationIds,
  playbook,
  type Stage,
} from '../../test/kit/referral.ts';
import type { Caller } from '../access/caller.ts';
import { ACTS, EVENTS, RATED_BY, REFERRAL_KINDS, RUNGS, type ActType, type RatedBy } from '../playbooks/playbook.ts';
import type { Act, ActBodies } from './act.ts';
import type { ReferralEvent } from './event.ts';
import { replay } from './evolve.ts';
import { isOver, type Clock, type ReferralState } from './state.ts';
import { isRefusal, nextActs, transition, type Transition } from './transition.ts';

const RUNS = Math.max(150, Number(process.env['FULL']) || 0);
const SEED = 20_260_901;
const START = Date.parse('2026-09-01T01:00:00.000Z');
const HOUR_MS = 3_600_000;

const { acceptance, handling, redCard, petition, mediation, settle } = clocks;
const PLAYBOOKS = [
  playbook({ clocks: [acceptance, handling, redCard] }),
  playbook({ clocks: [acceptance, petition, mediation, settle], tiered: true }),
  playbook({ clocks: [acceptance, ...clocksOfOthers, ...clocksByLevel], tiered: true }),
  playbook({
    clocks: [
      { ...handling, starts: ['ACCEPTED', 'CLOSED'] },
      { ...settle, keepsOnReturn: true },
    ],
    closing: { informed: 0, everybodyReported: true, consulted: true, rated: ['PERSON'], pathTold: true },
  }),
];

const CALLERS: readonly Caller[] = [
  ...organisationIds.map((id) => caller(id)),
  ...['police', 'court', 'petitions'].map((id) => caller(id, 'department.head')),
  caller('centre', 'centre.supervisor'),
  caller('police', 'auditor'),
];

const anOrganisation = fc.constantFrom(...organisationIds, 'nowhere');
const someOrganisations = fc.array(anOrganisation, { maxLength: 2 });
const text = fc.constantFrom(...Array<string>(8).fill('Because.'), '', '  ');
const hours = (from: number, to: number) => fc.integer({ min: from, max: to });

/** Times are in hours from now, clocks by number: what they are is known only when it comes to it. */
interface Wish {
  readonly who: number;
  readonly type: ActType;
  readonly isHostile: boolean;
  readonly pass: number;
  readonly openChildren: number;
  readonly clock: number;
  readonly hours: number;
  readonly agree: boolean;
  readonly text: string;
  readonly lead: string;
  readonly others: readonly string[];
  readonly score: number;
}

const aWish: fc.Arbitrary<Wish> = fc.record({
  who: fc.nat(),
  type: fc.constantFrom(...ACTS),
  isHostile: fc.constantFrom(true, false, false, false),
  pass: fc.oneof(fc.constant(0), hours(0, 10), hours(0, 60), hours(0, 400)),
  openChildren: fc.constantFrom(0, 0, 0, 1),
  clock: fc.nat({ max: 5 }),
  hours: hours(-100, 400),
  agree: fc.boolean(),
  text,
  lead: anOrganisation,
  others: someOrganisations,
  score: fc.integer({ min: 0, max: 6 }),
});

const aStage: fc.Arbitrary<Stage> = fc.record({
  playbook: fc.constantFrom(...PLAYBOOKS),
  accused: fc.constantFrom([], ['street'], ['court']),
  above: fc.constantFrom([], ['petitions', 'justice']),
});

const anOpening = fc.record({
  kind: fc.constantFrom(...REFERRAL_KINDS),
  from: fc.constantFrom('centre', 'petitions'),
  lead: fc.constantFrom('police', 'station'),
  statutoryPath: fc.constantFrom(null, { name: 'Civil suit', nameZh: '民事诉讼', basis: '民事诉讼法' }),
  participants: fc.constant([
    { organisation: 'station', role: 'ASSISTING' as const, reportedAt: null },
    { organisation: 'petitions', role: 'GUIDING' as const, reportedAt: null },
  ]),
});

const one = <T>(list: readonly T[], index: number): T | undefined => list[index % Math.max(1, list.length)];

const isRunning = ({ stoppedAt }: { readonly stoppedAt: string | null }): boolean => stoppedAt === null;

/** One that is open to the act, where there is one and nobody means harm. */
function clockFor({ clock, isHostile }: Wish, type: ActType, { clocks: all }: ReferralState): Clock | undefined {
  const running = all.filter(isRunning);
  const open =
    type === 'RESUME'
      ? running.filter(({ pausedAt }) => pausedAt !== null)
      : type === 'DECIDE_EXTENSION'
        ? running.filter(({ extensionAsked }) => extensionAsked !== null)
        : type === 'PAUSE'
          ? running.filter(({ name }) => name === mediation.id)
          : running;
  return one(isHostile || open.length === 0 ? all : open, clock);
}

function toAct(wish: Wish, type: ActType, state: ReferralState, now: Date): Act {
  const { text: note, agree, lead, others, score } = wish;
  const time = new Date(now.getTime() + wish.hours * HOUR_MS).toISOString();
  const clock = clockFor(wish, type, state)?.id ?? 'none';
  const by = RATED_BY[wish.clock % RATED_BY.length] ?? 'PERSON';
  const due = state.clocks.find(({ id }) => id === clock)?.dueAt ?? time;
  const until = new Date(Date.parse(due) + wish.hours * HOUR_MS).toISOString();
  const bodies: ActBodies = {
    ...{ ACCEPT: {}, START: {}, CLOSE: {}, WITHDRAW: {}, RETURN: { note }, PROGRESS: { note }, TICK: {} },
    ...{ DECIDE_RETURN: { agree, note }, DECIDE_WITHDRAWAL: { agree, note } },
    ...{ REDIRECT: { lead, note }, DECIDE_JURISDICTION: { lead, note } },
    FORWARD: { lead, kind: null, undertaking: others, assisting: others, note },
    CONSULT: { with: others, heldAt: now.toISOString(), tasks: [{ organisation: lead, task: note, dueAt: time }] },
    ...{ PAUSE: { clock, reason: 'APPRAISAL' }, RESUME: { clock }, REQUEST_EXTENSION: { clock, until, note } },
    DECIDE_EXTENSION: { clock, approve: agree, note },
    FEEDBACK: {
      outcome: 'SETTLED',
      text: note,
      informed: told(now, agree),
      agreementSha256: null,
    },
    RATE: { by, score, objects: agree },
    VISIT: { visitedAt: new Date(START).toISOString(), holds: agree, interviewed: score },
    SUPERVISE: { rung: RUNGS[wish.clock % RUNGS.length] ?? 'REMIND', note },
  };
  return { type, ...bodies[type] } as Act;
}

const BY_STATUS = 'This cannot be done with the referral as it stands.';
const BY_SIDE = 'This is for another side of the referral to do.';

interface Course {
  readonly stage: Stage;
  readonly state: ReferralState;
  readonly events: readonly ReferralEvent[];
  readonly now: Date;
}

/** Somebody who has to do with it now, so that every reminder reaches them. */
function checkPressed({ status, from, lead, superior, participants }: ReferralState, clock: Clock): void {
  const asked = {
    LEAD: [status === 'RETURNED' ? from : lead],
    SENDER: [from],
    SUPERIOR: superior === null ? [] : [superior],
    TASK: [from, lead, ...participants.map(({ organisation }) => organisation)],
  };
  expect(asked[clock.presses]).toContain(clock.organisation);
  expect(clock.name === 'return-decision' && status !== 'RETURN_REQUESTED').toBe(false);
  expect(clock.name === 'redirection' && status !== 'RETURNED').toBe(false);
}

function check({ state, events, stage }: Course): void {
  const took = events.flatMap(({ type, body }) => (type === 'ACCEPTED' ? body.organisation : []));
  expect(state.responsible === null).toBe(isOver(state.status));
  if (state.responsible !== null) expect([state.from, ...took]).toContain(state.responsible);
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
  expect(state.sequence).toBe(events.length);
  for (const clock of state.clocks) if (!isRunning(clock) || clock.pausedAt !== null) expect(clock.nextAt).toBeNull();
  for (const clock of state.clocks.filter(isRunning)) checkPressed(state, clock);
  const parties = [state.lead, ...state.participants.map(({ organisation }) => organisation)];
  expect(new Set(parties).size).toBe(parties.length);
  const { isBarred } = contextAt(stage, new Date(START), null, null);
  expect(parties.filter(isBarred)).toEqual([]);
  const asks = state.status === 'RETURN_REQUESTED' || state.status === 'WITHDRAWAL_REQUESTED';
  expect(state.before !== null).toBe(asks);
  if (isOver(state.status)) expect(state.superior).toBeNull();
  if (state.status === 'CLOSED') expect(state.isObjected).toBe(false);
  const withPath = state.statutoryPath !== null || state.kind === 'STATUTORY_PATH';
  const isReported = state.status === 'CLOSED' && !stage.playbook.closing.withoutFeedback.includes(state.kind);
  if (isReported && withPath && stage.playbook.closing.pathTold) expect(state.pathTold).toBe(true);
}

function checkReplay({ state, events }: Course): void {
  expect(replay(state.id, events)).toStrictEqual(state);
  expect(replay(state.id, JSON.parse(JSON.stringify(events)) as ReferralEvent[])).toStrictEqual(state);
  expect(JSON.parse(JSON.stringify(state))).toStrictEqual(state);
}

function checkStep(before: ReferralState, { state, events }: Transition): void {
  const raised = state.version - before.version;
  expect(raised === 0 || raised === 1).toBe(true);
  const ended = events.findIndex(({ type }) => type === 'CLOSED' || type === 'WITHDRAWN');
  if (ended < 0) return;
  const started = events.slice(ended).flatMap(({ type, body }) => (type === 'CLOCK_STARTED' ? body.clock.id : []));
  expect(state.clocks.filter(isRunning).map(({ id }) => id)).toEqual(started);
}

/** What is offered is refused for neither status nor side, what is not is refused for one of them. */
function checkOffers(course: Course, who: Caller, wish: Wish): void {
  const context = contextAt({ ...course.stage, openChildren: wish.openChildren }, course.now, who, course.state);
  const offered = nextActs(course.state, context);
  const wrong = ACTS.filter((type) => {
    const result = transition(course.state, toAct(wish, type, course.state, course.now), context);
    const message = isRefusal(result) ? result.message : '';
    const isDenied = message === BY_STATUS || message === BY_SIDE;
    const isOffered = offered.includes(type);
    // Of several extensions that are asked for each may have another to decide it.
    return isDenied === isOffered && !(type === 'DECIDE_EXTENSION' && isOffered);
  });
  expect(wrong).toEqual([]);
}

const tickAt = (course: Course, now: Date): Course => {
  const result = transition(course.state, { type: 'TICK' }, contextAt(course.stage, now, null, course.state));
  if (isRefusal(result)) throw new Error('A tick is never refused.');
  checkStep(course.state, result);
  return { ...course, now, state: result.state, events: [...course.events, ...result.events] };
};

/** Something that somebody may do; now and then what is nearly always possible, and withdrawing, which ends the story. */
function offeredAct(
  { stage, state, now }: Course,
  wish: Wish,
): { readonly who: Caller; readonly type: ActType } | null {
  const offers = CALLERS.flatMap((who) =>
    nextActs(state, contextAt(stage, now, who, state)).map((type) => ({ who, type })),
  );
  const dull: readonly ActType[] = wish.score === 0 ? [] : ['SUPERVISE', 'WITHDRAW'];
  const types = [...new Set(offers.map(({ type }) => type))].filter((type) => !dull.includes(type));
  const type = one(types, ACTS.indexOf(wish.type)) ?? 'SUPERVISE';
  return (
    one(
      offers.filter((offer) => offer.type === type),
      wish.who,
    ) ?? null
  );
}

function go(course: Course, wish: Wish): Course {
  const now = new Date(course.now.getTime() + wish.pass * HOUR_MS);
  const ticked = wish.agree ? tickAt(course, now) : { ...course, now };
  if (wish.agree) expect(tickAt(ticked, now).events).toEqual(ticked.events);
  const random = { who: one(CALLERS, wish.who) ?? caller('centre'), type: wish.type };
  const { who, type } = (wish.isHostile ? null : offeredAct(ticked, wish)) ?? random;
  checkOffers(ticked, who, wish);
  const context = contextAt({ ...course.stage, openChildren: wish.openChildren }, now, who, ticked.state);
  const result = transition(ticked.state, toAct(wish, type, ticked.state, now), context);
  if (isRefusal(result)) return ticked;
  checkStep(ticked.state, result);
  const after = { ...ticked, state: result.state, events: [...ticked.events, ...result.events] };
  check(after);
  return after;
}

/** What was said until a level above had it: from then on its clocks count from when the worker looked. */
const saidUntilEscalated = (course: Course, since: number): object[] => {
  const said = course.events
    .slice(since)
    .map(({ type, body, sequence, version }) => ({ type, body, sequence, version }));
  const escalated = said.findIndex(({ type }) => type === 'ESCALATED');
  return escalated < 0 ? said : said.slice(0, escalated);
};

function checkSteps(course: Course, passes: readonly number[]): void {
  let stepwise = course;
  for (const pass of passes) stepwise = tickAt(stepwise, new Date(stepwise.now.getTime() + pass * HOUR_MS));
  const atOnce = tickAt(course, stepwise.now);
  for (const end of [stepwise, atOnce]) {
    check(end);
    checkReplay(end);
  }
  const since = course.events.length;
  expect(saidUntilEscalated(stepwise, since)).toEqual(saidUntilEscalated(atOnce, since));
}

const told = (now: Date, pathInWriting = true) => [
  { ...{ party: 'Li', how: 'letter', at: now.toISOString() }, pathInWriting },
];

/** What people of good will do next. */
function willingActs({ state, now }: Course): readonly Act[] {
  const note = 'Because.';
  const consult: Act = { type: 'CONSULT', with: [state.lead], heldAt: now.toISOString(), tasks: [] };
  const feedback: Act = {
    type: 'FEEDBACK',
    outcome: 'SETTLED',
    text: note,
    informed: told(now),
    agreementSha256: null,
  };
  const rate = (by: RatedBy): Act => ({ type: 'RATE', by, score: 5, objects: false });
  switch (state.status) {
    case 'DISPATCHED':
      return [{ type: 'ACCEPT' }];
    case 'ACCEPTED':
    case 'IN_HANDLING':
      return [consult, feedback];
    case 'RETURN_REQUESTED':
      return state.superior === null
        ? [{ type: 'DECIDE_RETURN', agree: true, note }]
        : [{ type: 'DECIDE_JURISDICTION', lead: state.lead, note }];
    case 'RETURNED':
      return [{ type: 'WITHDRAW' }];
    case 'WITHDRAWAL_REQUESTED':
      return [{ type: 'DECIDE_WITHDRAWAL', agree: true, note }];
    case 'FEEDBACK_GIVEN':
      return [
        ...[consult, { type: 'PROGRESS', note } as const, ...(state.pathTold ? [] : [feedback])],
        ...[...RATED_BY.map(rate), { type: 'CLOSE' } as const],
      ];
    case 'CLOSED':
    case 'WITHDRAWN':
      return [];
  }
}

/** Each by everybody to whom it is offered. */
function goWillingly(course: Course): Course {
  let after = course;
  for (const act of willingActs(course))
    for (const who of CALLERS) {
      const result = transition(after.state, act, contextAt(course.stage, course.now, who, after.state));
      if (!isRefusal(result)) after = { ...after, state: result.state };
    }
  return after;
}

/** Whatever was done before, nothing hangs. */
function checkEnds(course: Course): void {
  let last = course;
  for (let turn = 0; turn < 6 && !isOver(last.state.status); turn++) last = goWillingly(last);
  expect(['CLOSED', 'WITHDRAWN']).toContain(last.state.status);
}

const STORY = fc.tuple(
  aStage,
  anOpening,
  fc.array(aWish, { maxLength: 40, size: 'max' }),
  fc.array(hours(1, 200), { minLength: 1, maxLength: 12 }),
);

test(
  'Random acts by random callers reach no illegal state and none that hangs, and replaying rebuilds it',
  () => {
    const reached = new Set<string>();
    const property = fc.property(STORY, ([stage, opening, wishes, passes]) => {
      const now = new Date(START);
      const first: Course = { stage, now, ...openAt(stage, now, opening) };
      check(first);
      const last = wishes.reduce(go, first);
      for (const { type } of last.events) reached.add(type);
      checkReplay(last);
      checkSteps(last, passes);
      checkEnds(last);
    });
    fc.assert(property, { numRuns: RUNS, seed: SEED });
    // Otherwise the random acts would prove little.
    expect(EVENTS.filter((type) => !reached.has(type))).toEqual([]);
  },
  60_000 + RUNS * 200,
);
