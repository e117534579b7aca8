/** How long a message may stay undelivered before somebody has to telephone: a dead endpoint must not eat a deadline. */
import type { ReferralState } from '../referrals/state.ts';

const CRITICAL_MS = 60 * 60 * 1_000;

/** Of the time for accepting a referral. */
const SHARE = 1 / 3;

/**
 * By the business clock, counted from `at`: 1 h for a critical referral, else a third of the time for acceptance, which is
 * told by the clock that acceptance stops, running or not. Null when the playbook sets no such time.
 */
export function deskDueAt({ urgency, clocks }: Pick<ReferralState, 'urgency' | 'clocks'>, at: Date): Date | null {
  if (urgency === 'CRITICAL') return new Date(at.getTime() + CRITICAL_MS);
  const clock = clocks.findLast(({ stops }) => stops.includes('ACCEPTED'));
  if (!clock) return null;
  const length = Date.parse(clock.dueAt) - Date.parse(clock.startedAt);
  return new Date(at.getTime() + Math.round(length * SHARE));
}
