/** State by events: total, and without any knowledge of what is allowed. */
import type { EventBodies, ReferralEvent } from './event.ts';
import type { Clock, Instant, Participant, ReferralState } from './state.ts';

const running = (clock: Clock): boolean => clock.stoppedAt === null;

const stopped = (clock: Clock, at: Instant): Clock => ({ ...clock, stoppedAt: at, pausedAt: null, nextAt: null });

const stopWhere = (clocks: readonly Clock[], at: Instant, where: (clock: Clock) => boolean): readonly Clock[] =>
  clocks.map((clock) => (running(clock) && where(clock) ? stopped(clock, at) : clock));

const changeClock = (state: ReferralState, id: string, change: (clock: Clock) => Clock): Partial<ReferralState> => ({
  clocks: state.clocks.map((clock) => (clock.id === id ? keepStill(change(clock)) : clock)),
});

/** What a clock said may be what stops it. */
const keepStill = (clock: Clock): Clock => (running(clock) ? clock : { ...clock, nextAt: null });

/** When a clock that is neither paused nor stopped next has something to say, until it is red. */
export const nextOf = ({ light, yellowAt, dueAt, extendedUntil }: Clock): Instant =>
  light === 'GREEN' ? yellowAt : (extendedUntil ?? dueAt);

const withReport = (participants: readonly Participant[], organisation: string, at: Instant): readonly Participant[] =>
  participants.map((one) =>
    one.organisation === organisation && one.reportedAt === null ? { ...one, reportedAt: at } : one,
  );

/** Nobody takes part twice, and the lead in no other way. */
const withoutTwice = (lead: string, participants: readonly Participant[]): readonly Participant[] =>
  participants.filter(
    ({ organisation }, index) =>
      organisation !== lead && participants.findIndex((one) => one.organisation === organisation) === index,
  );

const withAssisting = (state: ReferralState, organisations: readonly string[]): readonly Participant[] => {
  const known = new Set([state.from, state.lead, ...state.participants.map(({ organisation }) => organisation)]);
  const added = [...new Set(organisations)].filter((id) => !known.has(id));
  return [
    ...state.participants,
    ...added.map((organisation): Participant => ({ organisation, role: 'ASSISTING', reportedAt: null })),
  ];
};

/** Clocks that were started before they said whom they press have none of it: they all pressed the lead. */
const isOfLead = ({ presses }: Partial<Clock>): boolean => (presses ?? 'LEAD') === 'LEAD';

/** Clocks of the matter run on; those of one lead end with it. */
const stopForLead = (clocks: readonly Clock[], at: Instant): readonly Clock[] =>
  stopWhere(clocks, at, ({ keepsOnReturn }) => !keepsOnReturn);

/** Clocks of the matter press whoever has it now. */
const handOver = (clocks: readonly Clock[], organisation: string, at: Instant): readonly Clock[] =>
  stopForLead(clocks, at).map((clock) => (running(clock) && isOfLead(clock) ? { ...clock, organisation } : clock));

/**
 * Asked to take it: another lead, or the same once more. It has done nothing yet, what it was before on this referral it is
 * no longer, and the clocks that still run press it.
 */
const newLead = (state: ReferralState, lead: string, at: Instant): ReferralState => ({
  ...state,
  lead,
  status: 'DISPATCHED',
  before: null,
  superior: null,
  isBound: false,
  hasTried: false,
  participants: withoutTwice(lead, state.participants),
  clocks: handOver(state.clocks, lead, at),
});

const inHandling = (state: ReferralState): Partial<ReferralState> =>
  state.status === 'ACCEPTED' ? { status: 'IN_HANDLING' } : {};

type Evolvers = {
  readonly [Type in keyof EventBodies]: (
    state: ReferralState,
    body: EventBodies[Type],
    at: Instant,
  ) => Partial<ReferralState>;
};

const evolvers: Evolvers = {
  OPENED: () => ({}),
  ACCEPTED: ({ lead }) => ({ status: 'ACCEPTED', responsible: lead, superior: null, before: null }),
  // Whoever begins with it has taken it: nobody above has to decide any more.
  STARTED: () => ({ status: 'IN_HANDLING', superior: null }),
  RETURN_REQUESTED: ({ status }, { superior }) => ({ status: 'RETURN_REQUESTED', before: status, superior }),
  RETURN_DECIDED: (state, { agreed, superior }, at) =>
    agreed
      ? {
          status: 'RETURNED',
          responsible: state.from,
          before: null,
          superior: null,
          returnedBy: [...state.returnedBy, state.lead],
          clocks: handOver(state.clocks, state.from, at),
        }
      : { status: state.before ?? 'DISPATCHED', before: null, superior },
  REDIRECTED: (state, { lead }, at) => newLead(state, lead, at),
  JURISDICTION_DECIDED: (state, { lead }, at) =>
    lead === state.lead && state.responsible === lead
      ? { status: state.before ?? state.status, before: null, superior: null, isBound: true }
      : { ...newLead(state, lead, at), isBound: true },
  FORWARDED: (state) => ({ ...inHandling(state), superior: null }),
  CONSULTED: (state, { with: others, tasks }) => ({
    ...inHandling(state),
    hasTried: true,
    isConsulted: true,
    participants: withAssisting(state, [...others, ...tasks.map(({ organisation }) => organisation)]),
  }),
  PROGRESS: (state, { organisation }, at) => ({
    ...inHandling(state),
    ...(organisation === state.lead ? { hasTried: true, superior: null } : {}),
    participants: withReport(state.participants, organisation, at),
  }),
  CLOCK_STARTED: ({ clocks }, { clock }) => ({ clocks: [...clocks, clock] }),
  CLOCK_PAUSED: (state, { clock }, at) => changeClock(state, clock, (one) => ({ ...one, pausedAt: at, nextAt: null })),
  CLOCK_RESUMED: (state, { clock, yellowAt, dueAt, extendedUntil }, at) =>
    changeClock(state, clock, (one) => {
      const pauses = [...one.pauses, { from: one.pausedAt ?? at, until: at }];
      const resumed: Clock = { ...one, pausedAt: null, pauses, yellowAt, dueAt, extendedUntil };
      return { ...resumed, nextAt: one.light === 'RED' ? null : nextOf(resumed) };
    }),
  CLOCK_YELLOW: (state, { clock }) =>
    changeClock(state, clock, (one) => {
      const yellow: Clock = { ...one, light: 'YELLOW' };
      return { ...yellow, nextAt: nextOf(yellow) };
    }),
  CLOCK_RED: (state, { clock, nextAt }) => changeClock(state, clock, (one) => ({ ...one, light: 'RED', nextAt })),
  RED_CARD: (state, { clock, nextAt }) => changeClock(state, clock, (one) => ({ ...one, light: 'RED', nextAt })),
  EXTENSION_REQUESTED: (state, { clock, until }) =>
    changeClock(state, clock, (one) => ({ ...one, extensionAsked: until })),
  EXTENSION_DECIDED: (state, { clock, approved, until, yellowAt }) =>
    changeClock(state, clock, (one) => {
      if (!approved || until === null) return { ...one, extensionAsked: null };
      const light = 'GREEN' as const;
      const extended: Clock = {
        ...one,
        extensionAsked: null,
        extendedUntil: until,
        extensions: one.extensions + 1,
        yellowAt: yellowAt ?? one.yellowAt,
        light,
        rung: 0,
      };
      return { ...extended, nextAt: one.pausedAt === null ? nextOf(extended) : null };
    }),
  FEEDBACK: (_, { informed, pathTold = false }) => ({
    status: 'FEEDBACK_GIVEN',
    hasTried: true,
    superior: null,
    informed,
    pathTold,
    rated: [],
  }),
  CLOSED: ({ clocks }, _, at) => ({
    status: 'CLOSED',
    responsible: null,
    superior: null,
    clocks: stopWhere(clocks, at, () => true),
  }),
  RATED: (state, { by, objects }) => ({
    rated: [...new Set([...state.rated, by])],
    isObjected: by === 'PERSON' ? objects : state.isObjected,
  }),
  VISITED: () => ({}),
  REOPENED: ({ lead }) => ({
    status: 'IN_HANDLING',
    responsible: lead,
    informed: null,
    pathTold: false,
    rated: [],
    isConsulted: false,
    hasTried: false,
  }),
  SUPERVISED: (state, { clock, nextAt }) =>
    clock === null ? {} : changeClock(state, clock, (one) => ({ ...one, rung: one.rung + 1, nextAt })),
  ESCALATED: (state, { lead, clock, nextAt }, at) => {
    const next = newLead(state, lead, at);
    return { ...next, ...changeClock(next, clock, (one) => ({ ...one, rung: one.rung + 1, nextAt })) };
  },
  WITHDRAWAL_REQUESTED: ({ status }) => ({ status: 'WITHDRAWAL_REQUESTED', before: status }),
  WITHDRAWAL_REFUSED: ({ before }) => ({ status: before ?? 'ACCEPTED', before: null }),
  WITHDRAWN: ({ clocks }, _, at) => ({
    status: 'WITHDRAWN',
    responsible: null,
    before: null,
    superior: null,
    clocks: stopWhere(clocks, at, () => true),
  }),
};

function open(id: string, body: EventBodies['OPENED']): ReferralState {
  const { kind, from, lead, participants, urgency, playbook, parent } = body;
  return {
    ...{ id, kind, from, lead, urgency, playbook, parent },
    participants: withoutTwice(lead, participants),
    status: 'DISPATCHED',
    version: 0,
    sequence: 0,
    responsible: from,
    step: '',
    clocks: [],
    before: null,
    returnedBy: [],
    superior: null,
    isBound: false,
    hasTried: false,
    isConsulted: false,
    informed: null,
    statutoryPath: body.statutoryPath ?? null,
    pathTold: false,
    rated: [],
    isObjected: false,
  };
}

/** What somebody reports ends their own task and nobody else's. */
const isStoppedBy = (clock: Clock, event: ReferralEvent, { lead }: ReferralState): boolean => {
  if (!clock.stops.includes(event.type)) return false;
  if (clock.presses !== 'TASK') return true;
  if (event.type === 'PROGRESS') return event.body.organisation === clock.organisation;
  return event.type !== 'FEEDBACK' || clock.organisation === lead;
};

/** Nothing presses a superior any more that has nothing to decide. */
const withoutSuperior = (state: ReferralState, at: Instant): ReferralState =>
  state.superior === null
    ? { ...state, clocks: stopWhere(state.clocks, at, ({ presses }) => presses === 'SUPERIOR') }
    : state;

/** Throws on a first event other than OPENED: history that begins in the middle is no history. */
export function evolve(id: string, state: ReferralState | null, event: ReferralEvent): ReferralState {
  if (state === null && event.type !== 'OPENED') throw new Error('A referral’s first event opens it.');
  const before = state ?? open(id, event.body as EventBodies['OPENED']);
  const stopping = stopWhere(before.clocks, event.at, (clock) => isStoppedBy(clock, event, before));
  const at: ReferralState = { ...before, clocks: stopping };
  const change = (evolvers[event.type] as (s: ReferralState, b: unknown, t: Instant) => Partial<ReferralState>)(
    at,
    event.body,
    event.at,
  );
  const after = withoutSuperior({ ...at, ...change }, event.at);
  return { ...after, sequence: event.sequence, version: event.version, step: event.step };
}

export const replay = (id: string, events: readonly ReferralEvent[]): ReferralState | null =>
  events.reduce<ReferralState | null>((state, event) => evolve(id, state, event), null);
