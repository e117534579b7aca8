/** Whose an act is by nature. A playbook's `by` narrows this and never widens it; the engine holds to both. */
import type { ActType, Side } from './playbook.ts';

export const WHOSE_ACT: Readonly<Record<ActType, readonly Side[]>> = {
  ACCEPT: ['LEAD'],
  START: ['LEAD'],
  RETURN: ['LEAD'],
  DECIDE_RETURN: ['SENDER'],
  REDIRECT: ['SENDER'],
  DECIDE_JURISDICTION: ['SUPERIOR'],
  FORWARD: ['LEAD'],
  CONSULT: ['LEAD', 'SENDER', 'CENTRE'],
  PROGRESS: ['LEAD', 'UNDERTAKING', 'ASSISTING', 'GUIDING'],
  PAUSE: ['LEAD'],
  RESUME: ['LEAD'],
  REQUEST_EXTENSION: ['LEAD'],
  // Which of the two, the rule of the clock says.
  DECIDE_EXTENSION: ['SENDER', 'HEAD'],
  FEEDBACK: ['LEAD'],
  CLOSE: ['SENDER'],
  RATE: ['SENDER', 'LEAD', 'CENTRE'],
  VISIT: ['SENDER', 'CENTRE'],
  SUPERVISE: ['CENTRE', 'SUPERIOR'],
  WITHDRAW: ['SENDER'],
  DECIDE_WITHDRAWAL: ['LEAD'],
};
