/** The end: everything left running, nothing done but waiting, and twice the same, with nothing against it. */
import { setTimeout as delay } from 'node:timers/promises';
import { checkReferralInvariants } from '../kit/referral-invariants.ts';
import { checkActs } from './check-acts.ts';
import { checkClocks } from './check-clocks.ts';
import { checkMessages } from './check-messages.ts';
import { digestOf } from './digest.ts';
import type { ChaosInstallation } from './installation.ts';
import type { Notes } from './notes.ts';
import { waitForQuiet } from './quiet.ts';
import type { Receiver } from './receiver.ts';

export interface JudgeOptions {
  readonly quietWithinMs: number;
  readonly betweenMs: number;
  readonly say: (line: string) => void;
}

interface Look {
  readonly violations: readonly string[];
  readonly digest: string;
}

async function look(
  { db, clock, keyring }: ChaosInstallation,
  notes: Notes,
  receivers: readonly Receiver[],
): Promise<Look> {
  const business = clock.business();
  const violations = [
    ...(await checkReferralInvariants(db, { business, wall: clock.wall() })),
    ...(await checkActs(db, keyring, notes)),
    ...(await checkMessages(db, notes, receivers)),
    ...(await checkClocks(db, business)),
  ];
  const received = receivers.map(({ taken }) => taken.length);
  return { violations, digest: await digestOf(db, received) };
}

/** Returns what is wrong. */
export async function judge(
  installation: ChaosInstallation,
  notes: Notes,
  receivers: readonly Receiver[],
  { quietWithinMs, betweenMs, say }: JudgeOptions,
): Promise<string[]> {
  const left = await waitForQuiet(installation.db, installation.clock, quietWithinMs);
  if (left.length > 0) return left.map((what) => `still not done after ${quietWithinMs / 1_000} s of waiting: ${what}`);
  const first = await look(installation, notes, receivers);
  say(`  quiet; looked once: ${first.violations.length} violations`);
  await delay(betweenMs);
  const second = await look(installation, notes, receivers);
  say(`  looked again after ${betweenMs / 1_000} s: ${second.violations.length} violations`);
  return [
    ...new Set([...first.violations, ...second.violations]),
    ...(first.digest === second.digest ? [] : ['what is stored or was received changed between the two looks']),
  ];
}
