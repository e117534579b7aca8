/** Referrals without a database: a small county, real rules and calendar, callers by their organisation, and a story to act in. */
import { join } from 'node:path';
import type { Caller, Role } from '../../core/access/caller.ts';
import { loadRules } from '../../core/calendar/load-rules.ts';
import { createWorkingDays } from '../../core/calendar/working-day.ts';
import { projectRoot } from '../../core/platform/project-root.ts';
import { Playbook, type ActType } from '../../core/playbooks/playbook.ts';
import type { Act } from '../../core/referrals/act.ts';
import type { Refusal, TransitionContext } from '../../core/referrals/context.ts';
import type { EventBodies, ReferralEvent } from '../../core/referrals/event.ts';
import { relate, type OrganisationFact } from '../../core/referrals/facts.ts';
import { sidesOf } from '../../core/referrals/side.ts';
import type { ReferralState } from '../../core/referrals/state.ts';
import { happen, isRefusal, nextActs, transition, type Transition } from '../../core/referrals/transition.ts';

export const rules = loadRules(join(projectRoot, 'schema/rules'));
export const workingDays = createWorkingDays();

const organisation = (path: string, kind: string, level: OrganisationFact['level']): OrganisationFact => {
  const id = path.split('/').at(-2) ?? '';
  return { id, code: id, kind, level, path, closedAt: id === 'closed' ? '2026-01-01T00:00:00.000Z' : null };
};

export const organisations: readonly OrganisationFact[] = [
  organisation('county/', 'GOVERNMENT', 'COUNTY'),
  organisation('county/centre/', 'CENTRE', 'COUNTY'),
  organisation('county/court/', 'COURT', 'COUNTY'),
  organisation('county/petitions/', 'PETITION_BUREAU', 'COUNTY'),
  organisation('county/closed/', 'ENFORCEMENT', 'COUNTY'),
  organisation('county/police/', 'POLICE', 'COUNTY'),
  organisation('county/police/station/', 'STATION', 'TOWNSHIP'),
  organisation('county/street/', 'GOVERNMENT', 'TOWNSHIP'),
  organisation('county/street/justice/', 'JUSTICE_OFFICE', 'TOWNSHIP'),
  organisation('county/street/community/', 'COMMITTEE', 'COMMUNITY'),
  organisation('county/street/community/compound/', 'COMMITTEE', 'COMPOUND'),
  organisation('county/street/community/compound/grid/', 'COMMITTEE', 'GRID'),
];
export const organisationIds = organisations.map(({ id }) => id);
const byId = new Map(organisations.map((one) => [one.id, one]));

/** Shanghai, of 2026: `09-01 09:00`. */
export const at = (text: string): Date => new Date(`2026-${text.replace(' ', 'T')}:00+08:00`);

export const caller = (id: string, ...roles: readonly Role[]): Caller => {
  const { code, kind, path } = byId.get(id) ?? organisation(`${id}/`, 'ENFORCEMENT', 'COUNTY');
  const fallback: Role = kind === 'CENTRE' ? 'centre.operator' : 'department.handler';
  return {
    subject: `${id}-1`,
    name: null,
    organisation: { id, code, kind, path, selfAndAbove: [id], sources: [] },
    roles: roles.length > 0 ? roles : [fallback],
    purpose: null,
    reason: null,
    requestId: 'request',
  };
};

/** What surrounds a referral. */
export interface Stage {
  readonly playbook: Playbook;
  readonly accused?: readonly string[];
  readonly above?: readonly string[];
  readonly openChildren?: number;
}

export function contextAt(stage: Stage, now: Date, who: Caller | null, state: ReferralState | null): TransitionContext {
  return {
    ...{ now, playbook: stage.playbook, rules, workingDays },
    acting: {
      organisation: who?.organisation.id ?? '',
      sides: who && state ? sidesOf(who, state, byId) : [],
    },
    ...{ openChildren: stage.openChildren ?? 0, above: stage.above ?? [], childId: 'ref_child' },
    ...relate({ organisations, accused: stage.accused ?? [] }),
  };
}

export type Opening = Partial<EventBodies['OPENED']>;

export function openAt(stage: Stage, now: Date, opening: Opening = {}): Pick<Transition, 'state' | 'events'> {
  const { id, version } = stage.playbook;
  const body: EventBodies['OPENED'] = {
    ...{ kind: 'ASSIGN', from: 'centre', lead: 'police', participants: [], urgency: 'ROUTINE' },
    ...{ parent: null, routed: null, playbook: { id, version } },
    ...opening,
  };
  return happen('ref_1', null, [{ type: 'OPENED', body }], contextAt(stage, now, null, null));
}

/** One referral's story, told act by act; what is not expected to be refused throws when it is. */
export interface Story {
  readonly state: () => ReferralState;
  readonly events: () => readonly ReferralEvent[];
  /** Until it is said anew. */
  readonly set: (stage: Partial<Stage>) => void;
  readonly act: (who: string | Caller, act: Act, when?: string) => readonly ReferralEvent[];
  readonly refuses: (who: string | Caller, act: Act, when?: string) => Refusal;
  readonly tick: (when: string) => readonly string[];
  readonly offers: (who: string | Caller) => readonly ActType[];
}

export function tell(begin: Stage, opening: Opening = {}, when = '09-01 09:00'): Story {
  let stage = begin;
  let now = at(when);
  const opened = openAt(stage, now, opening);
  let { state } = opened;
  let events = opened.events;
  const ask = (who: string | Caller | null, act: Act, time: string | undefined) => {
    if (time !== undefined) now = at(time);
    const asking = typeof who === 'string' ? caller(who) : who;
    return transition(state, act, contextAt(stage, now, asking, state));
  };
  const keep = (result: Transition | Refusal): readonly ReferralEvent[] => {
    if (isRefusal(result)) throw new Error(`${result.refused}: ${result.message}`);
    state = result.state;
    events = [...events, ...result.events];
    return result.events;
  };
  return {
    state: () => state,
    events: () => events,
    set: (more) => {
      stage = { ...stage, ...more };
    },
    act: (who, act, time) => keep(ask(who, act, time)),
    refuses: (who, act, time) => {
      const result = ask(who, act, time);
      if (!isRefusal(result)) throw new Error(`${act.type} was not refused.`);
      return result;
    },
    tick: (time) => keep(ask(null, { type: 'TICK' }, time)).map(({ type }) => type),
    offers: (who) => {
      const asking = typeof who === 'string' ? caller(who) : who;
      return nextActs(state, contextAt(stage, now, asking, state));
    },
  };
}

/** Playbooks as small as the case needs them. */
export const playbook = (more: object = {}): Playbook =>
  Playbook.parse({
    ...{ id: 'TEST', version: '1', name: 'Test', nameZh: '测试', place: 'any' },
    steps: [
      { id: 'dispatch', name: 'Dispatched', nameZh: '派单', then: { ACCEPTED: 'handle' } },
      { id: 'handle', name: 'In handling', nameZh: '办理', then: { REDIRECTED: 'dispatch', CLOSED: 'close' } },
      { id: 'close', name: 'Closed', nameZh: '结案', then: { REOPENED: 'handle' } },
    ],
    closing: { withoutFeedback: ['INFORMATION'] },
    ...more,
  });

const clockSpec = (id: string, rule: string, more: object) => ({ id, name: id, nameZh: id, rule, ...more });

const asked = ['OPENED', 'REDIRECTED', 'JURISDICTION_DECIDED', 'ESCALATED'];
const told = ['STARTED', 'PROGRESS', 'CONSULTED', 'FORWARDED', 'FEEDBACK'];

export const clocks = {
  acceptance: clockSpec('acceptance', 'acceptance.routine', {
    starts: asked,
    stops: ['ACCEPTED', ...told],
    ladder: [{ after: { amount: 0, unit: 'HOURS' }, do: 'REMIND' }],
  }),
  handling: clockSpec('handling', 'handling.routine', {
    starts: ['ACCEPTED', 'REOPENED'],
    stops: ['FEEDBACK'],
    ladder: [
      { after: { amount: 0, unit: 'HOURS' }, do: 'REMIND' },
      { after: { amount: 2, unit: 'WORKING_DAYS' }, do: 'NOTIFY' },
    ],
  }),
  redCard: clockSpec('red-card', 'm21.red-card', { starts: asked, stops: told, redCard: true }),
  petition: clockSpec('petition', 'petition.conclusion', {
    starts: ['ACCEPTED'],
    stops: ['FEEDBACK'],
    keepsOnReturn: true,
  }),
  mediation: clockSpec('mediation', 'mediation.delegated', { starts: ['ACCEPTED'], stops: ['FEEDBACK'] }),
  settle: clockSpec('settle', 'm23.building', {
    starts: ['OPENED', 'ESCALATED'],
    stops: ['FEEDBACK'],
    ladder: [
      { after: { amount: 0, unit: 'HOURS' }, do: 'REMIND' },
      { after: { amount: 1, unit: 'WORKING_DAYS' }, do: 'ESCALATE' },
      { after: { amount: 1, unit: 'WORKING_DAYS' }, do: 'ESCALATE' },
    ],
  }),
} as const;

/** What the sender, the superior and those with tasks owe. */
export const clocksOfOthers = [
  clockSpec('return-decision', 'return.decision', {
    ...{ presses: 'SENDER', starts: ['RETURN_REQUESTED'], stops: ['RETURN_DECIDED'] },
  }),
  clockSpec('redirection', 'return.redirection', {
    ...{ presses: 'SENDER', starts: ['RETURN_DECIDED'], stops: ['REDIRECTED'] },
  }),
  clockSpec('jurisdiction', 'jurisdiction.decision', {
    ...{ presses: 'SUPERIOR', starts: ['RETURN_REQUESTED', 'RETURN_DECIDED'], stops: ['JURISDICTION_DECIDED'] },
  }),
  clockSpec('closing', 'closing', { presses: 'SENDER', starts: ['FEEDBACK'], stops: ['FEEDBACK', 'CLOSED'] }),
  clockSpec('task', 'consultation.task', {
    ...{ presses: 'TASK', starts: ['CONSULTED'], stops: ['PROGRESS', 'FEEDBACK'] },
    ladder: [{ after: { amount: 1, unit: 'WORKING_DAYS' }, do: 'NOTIFY' }],
  }),
];

/** One limit below the street, another from there on. */
export const clocksByLevel = [
  ['low', 'm22.community', 'COMMUNITY', 'COMPOUND', 'GRID'],
  ['high', 'm22.street', 'COUNTY', 'TOWNSHIP'],
].map(([id = '', rule = '', ...levels]) =>
  clockSpec(id, rule, {
    levels,
    starts: ['OPENED', 'REDIRECTED', 'JURISDICTION_DECIDED', 'ESCALATED', 'REOPENED'],
    stops: ['FEEDBACK', 'ESCALATED'],
    ladder: [{ after: { amount: 1, unit: 'DAYS' }, do: 'ESCALATE' }],
  }),
);
