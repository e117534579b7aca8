import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../core/platform/errors.ts';
import { exportChain } from '../../core/referrals/export-chain.ts';
import { toAuditCheckpoint } from '../kit/audit-checkpoint.ts';
import { mayReadSaid } from './event.ts';
import type { ReferralChainResolvers } from './resolver-types.generated.ts';

const POLL_MS = 50;
/** The log has a second for it; whoever asks waits no longer than for a department. */
const PATIENCE_MS = 10_000;

async function untilPublished(isPublished: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await isPublished()); waited += POLL_MS) {
    if (waited >= PATIENCE_MS)
      throw new AppError('INTERNAL', 'The audit log has not published the proof yet. Try again in a moment.', {
        retryable: true,
      });
    await delay(POLL_MS);
  }
}

export const ReferralChain: ReferralChainResolvers = {
  async proof({ asked, referrals }, _, { caller, organisationId, deps: { db, keyring, clock } }) {
    const seen = new Map(referrals.map((referral) => [referral.id, referral]));
    const { file, checkpoint, complete } = await exportChain(
      { db, keyring, wall: () => clock.wall(), untilPublished },
      {
        ...{ referralId: asked, organisation: organisationId, actor: caller },
        mayOpen(words) {
          const referral = seen.get(words.referralId);
          return referral !== undefined && mayReadSaid(caller, referral, words);
        },
      },
    );
    return { checkpoint: toAuditCheckpoint(checkpoint), complete, file };
  },
};
