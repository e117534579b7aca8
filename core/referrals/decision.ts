/** What a decision is made of. */
import type { ActType, Playbook } from '../playbooks/playbook.ts';
import type { Noted } from './act.ts';
import { actsOf } from './allowed.ts';
import type { ChildOrder, Refusal } from './context.ts';
import type { EventWords, Happened } from './event.ts';
import type { ReferralState } from './state.ts';

export interface Decided {
  readonly happened: readonly Happened[];
  readonly child?: ChildOrder;
}

export type Decision = Decided | Refusal;

export const happened = (...events: readonly Happened[]): Decided => ({ happened: events });

export const bad = (field: string, message: string): Refusal => ({
  refused: 'BAD_USER_INPUT',
  message,
  details: { field: `input.${field}` },
});

/** The status has this act, but something else stands against it. */
export const notYet = (type: ActType, state: ReferralState, playbook: Playbook, message: string): Refusal => ({
  refused: 'ILLEGAL_TRANSITION',
  message,
  details: { status: state.status, allowed: actsOf(state, playbook).filter((one) => one !== type) },
});

export const CHILD_OPEN = 'A referral made from this one is still open.';

type Given = { readonly [Key in keyof EventWords]: EventWords[Key] | undefined };

/** Of what was written, what is not empty. */
export function words(given: Given): { readonly words?: EventWords } {
  const kept = Object.entries(given).filter(([, value]) => value !== undefined && value.length > 0);
  return kept.length === 0 ? {} : { words: Object.fromEntries(kept) };
}

export const said = ({ note, attachments }: Noted): { readonly words?: EventWords } => words({ note, attachments });

export const blank = (text: string | undefined): boolean => (text ?? '').trim() === '';
