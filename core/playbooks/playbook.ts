/**
 * A playbook (工作法): how one place carries a referral. It is data: steps, who may do what, which clocks run, how it is
 * pressed and escalated, what closing needs, who rates, when somebody asks again whether it holds. The order of statuses is
 * the engine's (core/referrals); a playbook narrows it and never widens it.
 */
import { z } from 'zod';
import { ORGANISATION_LEVELS } from '../organisations/organisation.ts';

export const REFERRAL_KINDS = [
  'ASSIGN',
  'FORWARD',
  'TRANSFER',
  'WHISTLE',
  'REPORT_UP',
  'DELEGATE_MEDIATION',
  'ENTRUST_MEDIATION',
  'JUDICIAL_CONFIRMATION',
  'JUDICIAL_SUGGESTION',
  'PROCURATORIAL_SUGGESTION',
  'WARNING',
  'CRIME_LEAD',
  'DISCIPLINE',
  'STATUTORY_PATH',
  'ARBITRATION',
  'ADMINISTRATIVE_REVIEW',
  'RULING',
  'JOINT_ENFORCEMENT',
  'LEGAL_AID',
  'RELIEF',
  'POLICY_AID',
  'COUNSELLING',
  'CRISIS',
  'PROTECTION',
  'MANDATORY_REPORT',
  'APPRAISAL',
  'INFORMATION',
] as const;
export type ReferralKind = (typeof REFERRAL_KINDS)[number];

export const URGENCIES = ['ROUTINE', 'URGENT', 'CRITICAL'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** Acts of the contract (enum ReferralAct). */
export const ACTS = [
  'ACCEPT',
  'START',
  'RETURN',
  'DECIDE_RETURN',
  'REDIRECT',
  'DECIDE_JURISDICTION',
  'FORWARD',
  'CONSULT',
  'PROGRESS',
  'PAUSE',
  'RESUME',
  'REQUEST_EXTENSION',
  'DECIDE_EXTENSION',
  'FEEDBACK',
  'CLOSE',
  'RATE',
  'VISIT',
  'SUPERVISE',
  'WITHDRAW',
  'DECIDE_WITHDRAWAL',
] as const;
export type ActType = (typeof ACTS)[number];

/** Events of the contract (enum ReferralEventType). */
export const EVENTS = [
  'OPENED',
  'ACCEPTED',
  'STARTED',
  'RETURN_REQUESTED',
  'RETURN_DECIDED',
  'REDIRECTED',
  'JURISDICTION_DECIDED',
  'FORWARDED',
  'CONSULTED',
  'PROGRESS',
  'CLOCK_STARTED',
  'CLOCK_PAUSED',
  'CLOCK_RESUMED',
  'CLOCK_YELLOW',
  'CLOCK_RED',
  'RED_CARD',
  'EXTENSION_REQUESTED',
  'EXTENSION_DECIDED',
  'FEEDBACK',
  'CLOSED',
  'RATED',
  'VISITED',
  'REOPENED',
  'SUPERVISED',
  'ESCALATED',
  'WITHDRAWAL_REQUESTED',
  'WITHDRAWAL_REFUSED',
  'WITHDRAWN',
] as const;
export type EventType = (typeof EVENTS)[number];

/**
 * Who somebody is to a referral. SUPERIOR: the common superior once it has to decide; CENTRE: the county's governance
 * centre; HEAD: the head of the lead's unit (role department.head).
 */
export const SIDES = ['SENDER', 'LEAD', 'UNDERTAKING', 'ASSISTING', 'GUIDING', 'SUPERIOR', 'CENTRE', 'HEAD'] as const;
export type Side = (typeof SIDES)[number];

export const RATED_BY = ['PERSON', 'WHISTLER', 'RESPONDER'] as const;
export type RatedBy = (typeof RATED_BY)[number];

export const RUNGS = ['REMIND', 'NOTIFY', 'SUMMON', 'LIST'] as const;
export type Rung = (typeof RUNGS)[number];

/**
 * Whom a clock presses. SENDER and SUPERIOR: only by an event that makes it theirs to decide. TASK: whoever a consultation
 * gave something to do, one clock for each, due when the consultation said.
 */
export const PRESSED = ['LEAD', 'SENDER', 'SUPERIOR', 'TASK'] as const;
export type Pressed = (typeof PRESSED)[number];

export type Level = (typeof ORGANISATION_LEVELS)[number];

/** A length of time; working days are the calendar's. */
const Length = z.strictObject({
  amount: z.int().nonnegative(),
  unit: z.enum(['HOURS', 'DAYS', 'WORKING_DAYS']),
});
export type Length = z.infer<typeof Length>;

const Id = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case letters, digits and hyphens');

const Step = z.strictObject({
  id: Id,
  name: z.string().min(1),
  nameZh: z.string().min(1),
  /** Of the acts that the status allows, those that this step has; all when absent. Supervision is always possible. */
  acts: z.array(z.enum(ACTS)).optional(),
  /** Narrows who may do them, by act. */
  by: z.partialRecord(z.enum(ACTS), z.array(z.enum(SIDES)).min(1)).optional(),
  /** Which event leads on, and to which step. */
  then: z.partialRecord(z.enum(EVENTS), Id).optional(),
});
export type Step = z.infer<typeof Step>;

const ClockSpec = z.strictObject({
  /** Shown as the clock's name; unique in the playbook. */
  id: Id,
  name: z.string().min(1),
  nameZh: z.string().min(1),
  /** A rule of schema/rules. */
  rule: z.string().min(1),
  /** Which events start it. While it runs it is not started again. */
  starts: z.array(z.enum(EVENTS)).min(1),
  /** Which events stop it. */
  stops: z.array(z.enum(EVENTS)).min(1),
  /** Only for referrals of these kinds or urgencies; for all when absent. */
  kinds: z.array(z.enum(REFERRAL_KINDS)).optional(),
  urgencies: z.array(z.enum(URGENCIES)).optional(),
  /** Only where whom it presses stands at one of these levels: a limit that differs by level is a clock for each. */
  levels: z.array(z.enum(ORGANISATION_LEVELS)).min(1).optional(),
  /** Whom it presses, reminders and supervision included. */
  presses: z.enum(PRESSED).default('LEAD'),
  /** Runs on when the referral goes back to its sender: a limit that counts for the matter, not for one lead. */
  keepsOnReturn: z.boolean().default(false),
  /** Not only red when it is due, but a red card (红牌警告). */
  redCard: z.boolean().default(false),
  /** What happens while it stays red, in this order; each so long after the one before it, the first after the red. */
  ladder: z
    .array(
      z.strictObject({
        after: Length,
        /**
         * A rung of supervision (督办), or ESCALATE: the next level up takes the lead, once it accepts. Only on a clock that
         * presses the lead: nobody else has a part that could be taken.
         */
        do: z.enum([...RUNGS, 'ESCALATE']),
      }),
    )
    .default([]),
});
export type ClockSpec = z.infer<typeof ClockSpec>;

const Closing = z.strictObject({
  /** Kinds that end without a report: the lead's acceptance is enough (转送, 通报). */
  withoutFeedback: z.array(z.enum(REFERRAL_KINDS)).default([]),
  /** How many persons or organisations must have been told the result (by whom, how, when). */
  informed: z.int().nonnegative().default(1),
  /** Where the law has a path for the matter (法定途径): that the person was told of it in writing (M14). */
  pathTold: z.boolean().default(false),
  /** Who must have rated since the last feedback; by PERSON only the one concerned ends it (验收单). */
  rated: z.array(z.enum(RATED_BY)).default([]),
  /** Everybody undertaking or assisting must have reported. */
  everybodyReported: z.boolean().default(false),
  /** A consultation (会商) must have been held. */
  consulted: z.boolean().default(false),
});

export const Playbook = z.strictObject({
  /** M01 … M24 of the work methods, or a county's own. */
  id: z.string().regex(/^[A-Z0-9][A-Z0-9-]*$/, 'capital letters, digits and hyphens'),
  version: z.string().min(1),
  name: z.string().min(1),
  nameZh: z.string().min(1),
  place: z.string(),
  /** The kinds of referral it can carry; all when absent. */
  kinds: z.array(z.enum(REFERRAL_KINDS)).optional(),
  steps: z.array(Step).min(1),
  clocks: z.array(ClockSpec).default([]),
  closing: Closing.prefault({}),
  /** Who may rate. */
  raters: z.array(z.enum(RATED_BY)).default(['PERSON', 'WHISTLER', 'RESPONDER']),
  /** Upwards one level at a time, and only after the level below has tried (M22, M23). */
  tiered: z.boolean().default(false),
});
export type Playbook = z.infer<typeof Playbook>;
