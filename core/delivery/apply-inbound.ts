/** Applies messages that came in: each once, in order per organisation and referral, with the rights of its sender. */
import type { Caller, CallerOrganisation } from '../access/caller.ts';
import { createBatches } from '../platform/batch.ts';
import type { Clock } from '../platform/clock.ts';
import type { Db, Tx } from '../platform/db.ts';
import { AppError } from '../platform/errors.ts';
import type { Keyring } from '../platform/keyring.ts';
import type { ReferralEngine } from '../referrals/engine.ts';
import {
  claimMessages,
  findDueMessages,
  nextInLanes,
  putOff,
  settleApplied,
  stillHolds,
  type ClaimedMessage,
} from './inbox-row.ts';
import type { InboundData, InboundMessage } from './message-type-inbound.ts';
import { readBody, referralOf } from './read-body.ts';
import { rejectMessage } from './reject-inbound.ts';
import { resolveOrganisations, toReferralAct, toRejection, type DisputeReport, type Rejection } from './to-act.ts';

export type ReportedDispute =
  | { readonly status: 'OPENED'; readonly disputeId: string }
  /** Those that it most likely is already and that the sender may see, oldest first; nothing was opened. */
  | { readonly status: 'DUPLICATES'; readonly disputeIds: readonly string[] };

export interface ApplyInboundDeps {
  readonly db: Db;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly engine: Pick<ReferralEngine, 'act'>;
  readonly openDispute: (tx: Tx, caller: Caller, report: DisputeReport) => Promise<ReportedDispute>;
  readonly recordChanged: (
    tx: Tx,
    organisation: CallerOrganisation,
    change: InboundData<'record.changed'>,
  ) => Promise<void>;
}

export interface Applied {
  /** NOT_NOW: settled before, not due, behind another, or in somebody else's hands. */
  readonly outcome: 'APPLIED' | 'REJECTED' | 'NOT_NOW';
  /** The lane in which messages about it now wait; null when it told nothing. */
  readonly told: string | null;
  /** What waited behind it. */
  readonly next: string | null;
}

export interface ApplyInbound {
  /** Rejects when it is not the sender's fault; it is then put off, and tried again. */
  apply(inboxId: string): Promise<Applied>;
  /** What may be applied now and nobody is at. */
  due(): Promise<{ readonly id: string; readonly attempts: number }[]>;
}

/** Of one transaction. What a killed worker held waits for this long. */
const LEASE_MS = 30_000;
const MOST_DUE = 200;
const MAX_WAIT_MS = 5 * 60_000;
/** By then somebody has looked, or it never goes well and only holds up what is behind it. */
const GIVE_UP_MS = 3 * 24 * 60 * 60 * 1_000;

/** Messages claimed in one statement, and statements at once. */
const TOGETHER = { most: 32, atOnce: 1 };

const waitMs = (attempts: number): number => Math.min(MAX_WAIT_MS, 1_000 * 2 ** Math.min(attempts, 20));

type Settled = Omit<Applied, 'next'>;

const NOT_SETTLED: Settled = { outcome: 'NOT_NOW', told: null };
const NOT_NOW: Applied = { ...NOT_SETTLED, next: null };

/** Somebody else has the message now; what was done for it is taken back. */
class LeaseLost extends Error {}

/** What the sender's system may do as its organisation. Only a report needs a purpose: it looks its parties up. */
const callerOf = (organisation: CallerOrganisation, { id, type }: ClaimedMessage): Caller => ({
  subject: `webhook:${organisation.code}`,
  name: null,
  organisation,
  roles: ['department.system'],
  purpose: type === 'dispute.open' ? 'mediation' : null,
  reason: null,
  requestId: id,
});

const DUPLICATE: Rejection = {
  code: 'CONFLICT',
  reason:
    'data.allowDuplicate: There is a dispute that this most likely is already; look at it, or say that it is another.',
};

export function createApplyInbound(deps: ApplyInboundDeps): ApplyInbound {
  const { db, keyring, clock, engine, openDispute, recordChanged } = deps;

  function messageOf({ id, bodyCipher }: ClaimedMessage): InboundMessage {
    const read = readBody(keyring.open('webhook', bodyCipher, id));
    if ('message' in read) return read.message;
    // It was good when it was stored: a newer program asks for more.
    const [fault] = read.faults;
    throw new AppError('BAD_USER_INPUT', `It ${fault?.problem ?? 'is not valid'}.`, {
      details: { field: fault?.path },
    });
  }

  /** The lane that has something to tell, or the dispute that was there already. */
  async function act(
    tx: Tx,
    caller: Caller,
    message: InboundMessage,
  ): Promise<{ readonly told: string | null } | { readonly duplicateOf: string | null }> {
    if (message.type === 'record.changed') {
      await recordChanged(tx, caller.organisation, message.data);
      return { told: null };
    }
    if (message.type === 'dispute.open') {
      const opened = await openDispute(tx, caller, await resolveOrganisations(tx, message.data));
      return opened.status === 'OPENED' ? { told: opened.disputeId } : { duplicateOf: opened.disputeIds[0] ?? null };
    }
    if (referralOf(message) === null)
      throw new AppError('NOT_FOUND', 'There is no such referral.', { details: { field: 'input.id' } });
    const { id, expectedVersion, act: what } = toReferralAct(message);
    await engine.act(tx, caller, { id, expectedVersion }, what);
    return { told: id };
  }

  /** A report may turn out to be known already: then it is kept as refused, with what it said. */
  async function settleReport(tx: Tx, claimed: ClaimedMessage, caller: Caller): Promise<Settled> {
    if (!(await stillHolds(tx, claimed))) return NOT_SETTLED;
    const done = await act(tx, caller, messageOf(claimed));
    if ('duplicateOf' in done) {
      const told = await rejectMessage(tx, clock, claimed, { ...DUPLICATE, caller, dispute: done.duplicateOf });
      return { outcome: 'REJECTED', told };
    }
    settleApplied(tx, claimed, clock.wall());
    return { outcome: 'APPLIED', told: done.told };
  }

  /** Looked at in one breath, and stored in another: who does not hold it any more has done nothing. */
  async function settleActed(tx: Tx, claimed: ClaimedMessage, caller: Caller): Promise<Settled> {
    const message = messageOf(claimed);
    const [, done] = await Promise.all([
      stillHolds(tx, claimed).then((held) => {
        if (!held) throw new LeaseLost();
      }),
      act(tx, caller, message),
    ]);
    settleApplied(tx, claimed, clock.wall());
    return { outcome: 'APPLIED', told: 'told' in done ? done.told : null };
  }

  async function settleIt(claimed: ClaimedMessage, caller: Caller | null): Promise<Settled> {
    try {
      return await db.tx(async (tx) => {
        if (caller === null) throw new AppError('FORBIDDEN', 'Your organisation is closed.');
        return claimed.type === 'dispute.open' ? settleReport(tx, claimed, caller) : settleActed(tx, claimed, caller);
        // Crash before the end of this: nothing is done, and the lease runs out. After it: done, and not done again.
      });
    } catch (error) {
      if (error instanceof LeaseLost) return NOT_SETTLED;
      throw error;
    }
  }

  const refuse = (claimed: ClaimedMessage, caller: Caller | null, rejection: Rejection): Promise<Settled> =>
    db.tx(async (tx) => {
      if (!(await stillHolds(tx, claimed))) return NOT_SETTLED;
      return { outcome: 'REJECTED', told: await rejectMessage(tx, clock, claimed, { ...rejection, caller }) };
    });

  const claim = createBatches((ids: readonly string[]) => claimMessages(db, ids, clock.wall(), LEASE_MS), TOGETHER);
  const next = createBatches((settled: readonly ClaimedMessage[]) => nextInLanes(db, settled), TOGETHER);

  const isTooOld = ({ receivedAt }: ClaimedMessage): boolean =>
    clock.wall().getTime() - receivedAt.getTime() > GIVE_UP_MS;

  return {
    async apply(inboxId) {
      const claimed = await claim(inboxId);
      // Crash here: claimed and not applied. The lease runs out, and the sweep finds it.
      if (!claimed) return NOT_NOW;
      const caller = claimed.organisation && callerOf(claimed.organisation, claimed);
      let done: Settled;
      try {
        done = await settleIt(claimed, caller);
      } catch (error) {
        const rejection =
          toRejection(error) ??
          (isTooOld(claimed) ? { code: 'INTERNAL', reason: 'It could not be applied for three days.' } : null);
        if (rejection === null) {
          await putOff(db, claimed, new Date(clock.wall().getTime() + waitMs(claimed.attempts)));
          throw error;
        }
        done = await refuse(claimed, caller, rejection);
      }
      return { ...done, next: done.outcome === 'NOT_NOW' || claimed.lane === null ? null : await next(claimed) };
    },
    due: () => findDueMessages(db, clock.wall(), MOST_DUE),
  };
}
