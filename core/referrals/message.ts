/** What others are told of an event: type, whom, and thin data (contract/webhooks.md). No words and no person's data. */
import type { EventType } from '../playbooks/playbook.ts';
import { effectiveDue } from './clock.ts';
import { TOLD_TO_SOME, type ReferralEvent } from './event.ts';
import type { ReferralState } from './state.ts';

const TYPES: Readonly<Record<EventType, string | null>> = {
  OPENED: 'referral.dispatched',
  ACCEPTED: 'referral.accepted',
  STARTED: 'referral.started',
  RETURN_REQUESTED: 'referral.return_requested',
  RETURN_DECIDED: 'referral.return_decided',
  REDIRECTED: 'referral.redirected',
  JURISDICTION_DECIDED: 'referral.jurisdiction_decided',
  FORWARDED: 'referral.forwarded',
  CONSULTED: 'referral.consulted',
  PROGRESS: 'referral.progress',
  // Which clocks run is read with the referral; that one has started is no news of its own.
  CLOCK_STARTED: null,
  CLOCK_PAUSED: 'referral.clock_paused',
  CLOCK_RESUMED: 'referral.clock_resumed',
  CLOCK_YELLOW: 'referral.reminded',
  CLOCK_RED: 'referral.overdue',
  RED_CARD: 'referral.overdue',
  EXTENSION_REQUESTED: 'referral.extension_requested',
  EXTENSION_DECIDED: 'referral.extension_decided',
  FEEDBACK: 'referral.feedback',
  CLOSED: 'referral.closed',
  RATED: 'referral.rated',
  VISITED: 'referral.visited',
  REOPENED: 'referral.reopened',
  SUPERVISED: 'referral.supervised',
  ESCALATED: 'referral.escalated',
  WITHDRAWAL_REQUESTED: 'referral.withdrawal_requested',
  WITHDRAWAL_REFUSED: 'referral.withdrawal_refused',
  WITHDRAWN: 'referral.withdrawn',
};

export interface ReferralMessage {
  readonly type: string;
  readonly audience: readonly string[];
  /** Without `dispute` and `url`, which who sends it adds. */
  readonly data: Readonly<Record<string, unknown>>;
}

const partiesOf = (state: ReferralState | null): string[] =>
  state === null
    ? []
    : [
        state.from,
        state.lead,
        ...state.participants.map(({ organisation }) => organisation),
        ...(state.superior === null ? [] : [state.superior]),
      ];

const clockData = (state: ReferralState, event: ReferralEvent): object => {
  if (!('clock' in event.body)) return {};
  const id = event.body.clock;
  const clock = state.clocks.find((one) => one.id === id);
  return clock ? { dueAt: effectiveDue(clock), organisation: clock.organisation } : {};
};

/** Of what an event says, what others are told; organisations by their ids. */
const TOLD = [
  'agreed',
  'lead',
  'child',
  'heldAt',
  'organisation',
  'clock',
  'until',
  'approved',
  'outcome',
  'rung',
  'unreached',
  'holds',
];

/** What came of counselling stays with the counsellor, but where whom it was given to agrees (domain rule 8). */
const staysWithCounsellor = (event: ReferralEvent, { kind }: ReferralState): boolean =>
  kind === 'COUNSELLING' &&
  TOLD_TO_SOME.has(event.type) &&
  !(event.type === 'FEEDBACK' && event.body.helpMayBeTold === true);

function eventData(event: ReferralEvent, after: ReferralState): object {
  if (event.type === 'ESCALATED') return { to: event.body.lead };
  if (staysWithCounsellor(event, after)) return {};
  return Object.fromEntries(Object.entries(event.body).filter(([name]) => TOLD.includes(name)));
}

/** `before`: so that who has just lost it is told as well. Null for what is not told. */
export function toMessage(
  event: ReferralEvent & { readonly id: string },
  before: ReferralState | null,
  after: ReferralState,
  number: string,
): ReferralMessage | null {
  const type = TYPES[event.type];
  if (type === null) return null;
  return {
    type,
    audience: [...new Set([...partiesOf(before), ...partiesOf(after)])],
    data: {
      referral: after.id,
      event: event.id,
      number,
      version: event.version,
      status: after.status,
      ...eventData(event, after),
      ...clockData(after, event),
    },
  };
}
