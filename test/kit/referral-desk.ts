/** Referrals through the public API, as the county's offices use it; for scenarios that play a whole story. */
import { randomInt, randomUUID } from 'node:crypto';
import { clockAmount, dueAt, type RuleUnit } from '../../core/calendar/deadline.ts';
import { createWorkingDays } from '../../core/calendar/working-day.ts';
import { maplebridge, type Answer, type Asker, type Installation } from './installation.ts';

const REFERRAL = `id number version kind status step urgency openedAt lead { code } from { code } responsible { code } nextActs legalBasis statutoryPath { nameZh basis }
  participants { organisation { code } role reportedAt }
  clocks { id name organisation { code } rule basis startedAt dueAt light pausedAt extendedUntil stoppedAt }
  children { id status } parent { id }
  events { sequence type note responsible { code } actor { system organisation { code } } }
  feedback { outcome text partiesInformed { party how pathInWriting } } ratings { by score objects } returnVisits { holds interviewed }`;

export interface ShownReferral {
  readonly id: string;
  readonly number: string;
  readonly version: number;
  readonly kind: string;
  readonly status: string;
  readonly step: string;
  readonly urgency: string;
  readonly openedAt: string;
  readonly lead: { readonly code: string };
  readonly from: { readonly code: string };
  readonly responsible: { readonly code: string } | null;
  readonly nextActs: readonly string[];
  readonly legalBasis: string;
  readonly statutoryPath: { readonly nameZh: string; readonly basis: string } | null;
  readonly participants: readonly {
    readonly organisation: { readonly code: string };
    readonly role: string;
    readonly reportedAt: string | null;
  }[];
  readonly clocks: readonly {
    readonly id: string;
    readonly name: string;
    readonly organisation: { readonly code: string };
    readonly rule: string;
    readonly basis: string;
    readonly startedAt: string;
    readonly dueAt: string;
    readonly light: string;
    readonly pausedAt: string | null;
    readonly extendedUntil: string | null;
    readonly stoppedAt: string | null;
  }[];
  readonly children: readonly { readonly id: string; readonly status: string }[];
  readonly events: readonly {
    readonly sequence: number;
    readonly type: string;
    readonly note: string | null;
    readonly responsible: { readonly code: string } | null;
    readonly actor: { readonly system: boolean; readonly organisation: { readonly code: string } | null };
  }[];
  readonly feedback: readonly {
    readonly outcome: string;
    readonly text: string;
    readonly partiesInformed: readonly { readonly party: string; readonly pathInWriting: boolean }[];
  }[];
  readonly ratings: readonly { readonly by: string; readonly score: number; readonly objects: boolean }[];
  readonly returnVisits: readonly { readonly holds: boolean; readonly interviewed: number }[];
}

/** The input type of each act; `openReferral` apart. */
const INPUTS = {
  acceptReferral: 'ReferralActInput',
  startHandling: 'ReferralActInput',
  returnReferral: 'ReferralActInput',
  decideReturn: 'DecisionInput',
  redirectReferral: 'RedirectInput',
  decideJurisdiction: 'JurisdictionInput',
  forwardReferral: 'ForwardReferralInput',
  consultReferral: 'ConsultReferralInput',
  reportProgress: 'ReferralActInput',
  pauseClock: 'PauseClockInput',
  resumeClock: 'ResumeClockInput',
  requestExtension: 'ExtensionInput',
  decideExtension: 'ExtensionDecisionInput',
  submitFeedback: 'FeedbackInput',
  closeReferral: 'ReferralActInput',
  rateReferral: 'RatingInput',
  recordReturnVisit: 'ReturnVisitInput',
  superviseReferral: 'SuperviseInput',
  withdrawReferral: 'ReferralActInput',
  decideWithdrawal: 'DecisionInput',
} as const;
export type ActName = keyof typeof INPUTS;

interface Acted {
  readonly act: { readonly referral: ShownReferral; readonly replayed: boolean } | null;
}

export interface ReferralDesk {
  /** By organisation code. */
  idOf(code: string): Promise<string>;
  /** A new dispute with a party that nobody else has; registered by the centre where nobody else is named. */
  openDispute(more?: object, who?: Asker): Promise<string>;
  open(who: Asker, input: object, key?: string): Promise<Answer<Acted>>;
  /** At the version given, or the latest that this desk has seen. */
  act(who: Asker, name: ActName, referral: ShownReferral, input?: object, key?: string): Promise<Answer<Acted>>;
  /** The same, and it must succeed. */
  must(who: Asker, name: ActName, referral: ShownReferral, input?: object): Promise<ShownReferral>;
  mustOpen(who: Asker, input: object): Promise<ShownReferral>;
  read(who: Asker, id: string): Promise<ShownReferral | null>;
  /** The same, and it must be shown. */
  mustRead(who: Asker, id: string): Promise<ShownReferral>;
  /** Id of the dispute it is about, as its parties see it. */
  disputeOf(who: Asker, id: string): Promise<string>;
  /** It must be refused: with which code, and in which words. */
  refused(who: Asker, name: ActName, referral: ShownReferral, input?: object): Promise<Refused>;
  /** Everybody's business clock goes forward, and never back: hours, not weeks. */
  advance(time: string): Promise<void>;
}

export interface Refused {
  readonly code: unknown;
  readonly message: string;
}

/** Scenarios share one county: a party that another file made up as well would be a duplicate. */
let telephone = 15_800_000_000 + randomInt(90_000) * 1_000;

export function createReferralDesk(installation: Installation, centre: Asker): ReferralDesk {
  const ids = new Map<string, string>();

  const idOf = async (code: string): Promise<string> => {
    const known = ids.get(code);
    if (known !== undefined) return known;
    const { data } = await installation.ask<{ organisation: { id: string } | null }>(
      centre,
      'query ($code: String!) { organisation(code: $code) { id } }',
      { code },
    );
    if (!data.organisation) throw new Error(`There is no organisation ${code}.`);
    ids.set(code, data.organisation.id);
    return data.organisation.id;
  };

  const succeeded = ({ data, errors }: Answer<Acted>): ShownReferral => {
    if (errors.length > 0 || !data.act) throw new Error(JSON.stringify(errors));
    return data.act.referral;
  };

  const desk: ReferralDesk = {
    idOf,
    async openDispute(more = {}, who = centre) {
      const input = {
        title: '邻里漏水纠纷',
        description: '三楼漏水，二楼天花板受损。',
        category: 'NEIGHBOUR',
        channel: 'WALK_IN',
        place: await idOf('t02'),
        parties: [{ name: '欧阳转办', role: 'APPLICANT', phone: String((telephone += 1)) }],
        ...more,
      };
      const { data, errors } = await installation.ask<{ openDispute: { dispute: { id: string } } }>(
        who,
        `mutation ($input: OpenDisputeInput!, $key: String!) {
          openDispute(input: $input, idempotencyKey: $key) { dispute { id } duplicates { id } } }`,
        { input, key: randomUUID() },
      );
      if (errors.length > 0) throw new Error(JSON.stringify(errors));
      return data.openDispute.dispute.id;
    },
    open: (who, input, key = randomUUID()) =>
      installation.ask<Acted>(
        who,
        `mutation ($input: OpenReferralInput!, $key: String!) {
          act: openReferral(input: $input, idempotencyKey: $key) { referral { ${REFERRAL} } replayed } }`,
        { input, key },
      ),
    act: (who, name, { id, version }, input = {}, key = randomUUID()) =>
      installation.ask<Acted>(
        who,
        `mutation ($input: ${INPUTS[name]}!, $key: String!) {
          act: ${name}(input: $input, idempotencyKey: $key) { referral { ${REFERRAL} } replayed } }`,
        { input: { id, expectedVersion: version, ...input }, key },
      ),
    must: async (...args) => succeeded(await desk.act(...args)),
    mustOpen: async (...args) => succeeded(await desk.open(...args)),
    async read(who, id) {
      const { data, errors } = await installation.ask<{ referral: ShownReferral | null }>(
        who,
        `query ($id: ID!) { referral(id: $id) { ${REFERRAL} } }`,
        { id },
      );
      if (errors.length > 0) throw new Error(JSON.stringify(errors));
      return data.referral;
    },
    async mustRead(who, id) {
      const referral = await desk.read(who, id);
      if (!referral) throw new Error(`${who.org} is not shown ${id}.`);
      return referral;
    },
    async disputeOf(who, id) {
      const { data } = await installation.ask<{ referral: { dispute: { id: string } | null } | null }>(
        who,
        'query ($id: ID!) { referral(id: $id) { dispute { id } } }',
        { id },
      );
      if (!data.referral?.dispute) throw new Error(`${who.org} is not shown the dispute of ${id}.`);
      return data.referral.dispute.id;
    },
    async refused(...args) {
      const [error] = (await desk.act(...args)).errors;
      if (!error) throw new Error(`${args[0].org} was allowed ${args[1]}.`);
      return { code: error.extensions['code'], message: error.message };
    },
    async advance(time) {
      const { code, stderr } = await maplebridge(['demo', 'advance', time], {
        MAPLEBRIDGE_DATA: installation.dataFolder,
      });
      if (code !== 0) throw new Error(stderr);
    },
  };
  return desk;
}

/** What is to be said where the law has a path for it: the applicant has it in writing. */
export const inWriting = (outcome: string, text: string) => ({
  ...{ outcome, text },
  partiesInformed: [{ party: '申请人', how: '书面', at: '2026-01-05T09:00:00+08:00', pathInWriting: true }],
});

export const informed = (at = '2026-01-05T09:00:00+08:00') => [{ party: '申请人', how: '电话', at }];

/** What came of it, with one party told. */
export const result = (outcome: string, text: string) => ({ outcome, text, partiesInformed: informed() });

/** Clocks that run, by name, with when they are due. */
export const running = ({ clocks }: ShownReferral): Readonly<Record<string, string>> =>
  Object.fromEntries(
    clocks
      .filter(({ stoppedAt }) => stoppedAt === null)
      .map(({ name, dueAt: due }) => [name, new Date(due).toISOString()]),
  );

/** Clocks that run, by name, with whom each presses. */
export const pressing = ({ clocks }: ShownReferral): Readonly<Record<string, string>> =>
  Object.fromEntries(
    clocks.filter(({ stoppedAt }) => stoppedAt === null).map(({ name, organisation }) => [name, organisation.code]),
  );

const workingDays = createWorkingDays();

/** When a limit ends that begins then, by the calendar. */
export function after(startedAt: string, limit: number, ruleUnit: RuleUnit, rolls = false): string {
  const from = new Date(startedAt);
  const { amount, unit } = clockAmount({ amount: limit, unit: ruleUnit }, from);
  return dueAt({ startedAt: from, amount, unit, rolls, pauses: [] }, workingDays, from).toISOString();
}

/** When it came to this, for the limits that count from there. */
export function startOf({ clocks }: ShownReferral, name: string): string {
  const clock = clocks.findLast((one) => one.name === name);
  if (!clock) throw new Error(`No clock ${name} has been started.`);
  return clock.startedAt;
}
