/** Acts on referrals: each once per idempotency key, in one transaction with all that follows from it. */
import { mayAct } from '../../core/access/caller.ts';
import { loadVisibleDisputes } from '../../core/access/visible-dispute.ts';
import { audit } from '../../core/audit/audit.ts';
import type { Tx } from '../../core/platform/db.ts';
import { AppError, badInput } from '../../core/platform/errors.ts';
import { once } from '../../core/platform/idempotency.ts';
import type { Act } from '../../core/referrals/act.ts';
import { checkBounds } from '../../core/referrals/act-bound.ts';
import type { Acted } from '../../core/referrals/engine.ts';
import { orderReferral } from './order.ts';
import type { ReferralParent, ReferralsContext } from './loaders.ts';
import type { AttachmentInput, MutationResolvers } from './resolver-types.generated.ts';

interface Call {
  readonly operation: string;
  readonly key: string;
  readonly input: unknown;
  /** What a refusal at an accusation's barrier is written down under. */
  readonly subject: string;
}

async function act(
  context: ReferralsContext,
  { operation, key, input, subject }: Call,
  run: (tx: Tx) => Promise<Acted>,
): Promise<{ referral: ReferralParent; replayed: boolean }> {
  const { caller, deps } = context;
  if (!mayAct(caller)) throw new AppError('FORBIDDEN', 'Your role looks at referrals; it does not act on them.');
  checkBounds(input);
  const call = { organisationId: caller.organisation.id, subject: caller.subject, key, operation, input };
  try {
    const { result, replayed } = await deps.db.tx((tx) => once(tx, deps, call, () => run(tx)));
    if (!replayed) deps.announce(result.lanes);
    return { referral: await after(context, result.referralId), replayed };
  } catch (error) {
    // The act left nothing, so this stands by itself: attempts are written down (domain rule 1).
    if (error instanceof AppError && error.code === 'ROUTING_FORBIDDEN') {
      const body = { operation, request: caller.requestId };
      await audit.append(deps.db, { kind: 'routing.refused', subject, actor: caller, at: deps.clock.wall(), body });
    }
    throw error;
  }
}

/** As the act left it, with the rights of now. */
async function after(context: ReferralsContext, id: string): Promise<ReferralParent> {
  for (const loader of [context.referrals, context.children, context.events, context.results, context.places])
    loader.clearAll();
  const referral = await context.referrals.load(id);
  if (!referral) throw new AppError('NOT_FOUND', 'There is no such referral.', { details: { field: 'input.id' } });
  return referral;
}

interface OnReferral {
  readonly id: string;
  readonly expectedVersion: number;
}

/** A mutation by what it makes of its input. */
const acting =
  <Input extends OnReferral>(operation: string, toAct: (input: Input) => Act) =>
  (_: unknown, { input, idempotencyKey }: { input: Input; idempotencyKey: string }, context: ReferralsContext) => {
    const call = { operation, key: idempotencyKey, input, subject: input.id };
    return act(context, call, (tx) => context.deps.engine.act(tx, context.caller, input, toAct(input)));
  };

const SHA256 = /^[0-9a-f]{64}$/i;

function digestOf(attachment: AttachmentInput, field: string): string {
  if (!SHA256.test(attachment.sha256)) throw badInput(field, 'A SHA-256 has 64 hexadecimal digits.');
  return attachment.sha256.toLowerCase();
}

interface NotedInput {
  readonly note?: string | null | undefined;
  readonly attachments?: readonly AttachmentInput[] | null | undefined;
}

function noted({ note, attachments }: NotedInput) {
  return {
    note: note ?? undefined,
    attachments: attachments?.map(({ name, mediaType, ...rest }, index) => ({
      ...{ name, mediaType },
      sha256: digestOf({ name, mediaType, ...rest }, `input.attachments.${index}.sha256`),
    })),
  };
}

const iso = (at: Date): string => at.toISOString();

export const mutations: MutationResolvers = {
  openReferral: (_, { input, idempotencyKey }, context) => {
    const call = { operation: 'openReferral', key: idempotencyKey, input, subject: input.dispute };
    return act(context, call, async (tx) => {
      const { caller, deps } = context;
      const dispute = (await loadVisibleDisputes(tx, caller, [input.dispute], (await context.fields()).joined)).get(
        input.dispute,
      );
      if (!dispute)
        throw new AppError('NOT_FOUND', 'There is no such dispute.', { details: { field: 'input.dispute' } });
      const { playbook, order } = await orderReferral(tx, context, dispute, input);
      return deps.engine.open(tx, caller, playbook, order);
    });
  },
  acceptReferral: acting('acceptReferral', (input) => ({ type: 'ACCEPT', ...noted(input) })),
  startHandling: acting('startHandling', (input) => ({ type: 'START', ...noted(input) })),
  returnReferral: acting('returnReferral', (input) => ({ type: 'RETURN', ...noted(input) })),
  decideReturn: acting('decideReturn', ({ agree, note }) => ({ type: 'DECIDE_RETURN', agree, note })),
  redirectReferral: acting('redirectReferral', ({ to, reason }) => ({ type: 'REDIRECT', lead: to, note: reason })),
  decideJurisdiction: acting('decideJurisdiction', ({ lead, reason }) => ({
    type: 'DECIDE_JURISDICTION',
    lead,
    note: reason,
  })),
  forwardReferral: acting('forwardReferral', ({ to, kind, undertaking, assisting, note }) => ({
    type: 'FORWARD',
    lead: to,
    kind: kind ?? null,
    undertaking: undertaking ?? [],
    assisting: assisting ?? [],
    note,
  })),
  consultReferral: acting('consultReferral', ({ with: others, heldAt, conclusion, tasks }) => ({
    type: 'CONSULT',
    with: others,
    heldAt: iso(heldAt),
    conclusion: conclusion ?? undefined,
    tasks: (tasks ?? []).map(({ organisation, task, dueAt }) => ({ organisation, task, dueAt: iso(dueAt) })),
  })),
  reportProgress: acting('reportProgress', (input) => ({ type: 'PROGRESS', ...noted(input) })),
  pauseClock: acting('pauseClock', ({ clock, reason }) => ({ type: 'PAUSE', clock, reason })),
  resumeClock: acting('resumeClock', ({ clock }) => ({ type: 'RESUME', clock })),
  requestExtension: acting('requestExtension', ({ clock, until, reason }) => ({
    type: 'REQUEST_EXTENSION',
    clock,
    until: iso(until),
    note: reason,
  })),
  decideExtension: acting('decideExtension', ({ clock, approve, note }) => ({
    type: 'DECIDE_EXTENSION',
    clock,
    approve,
    note,
  })),
  submitFeedback: acting('submitFeedback', ({ outcome, text, partiesInformed, agreement, helpMayBeTold }) => ({
    type: 'FEEDBACK',
    outcome,
    text,
    informed: partiesInformed.map(({ party, how, at, pathInWriting }) => ({
      ...{ party, how, at: iso(at) },
      ...(pathInWriting ? { pathInWriting } : {}),
    })),
    agreementSha256: agreement ? digestOf(agreement, 'input.agreement.sha256') : null,
    helpMayBeTold: helpMayBeTold ?? false,
  })),
  closeReferral: acting('closeReferral', (input) => ({ type: 'CLOSE', ...noted(input) })),
  rateReferral: acting('rateReferral', ({ by, score, comment, objects }) => ({
    type: 'RATE',
    by,
    score,
    comment: comment ?? undefined,
    objects: objects ?? false,
  })),
  recordReturnVisit: acting('recordReturnVisit', ({ visitedAt, holds, interviewed, note }) => ({
    type: 'VISIT',
    visitedAt: iso(visitedAt),
    holds,
    interviewed,
    note: note ?? undefined,
  })),
  superviseReferral: acting('superviseReferral', ({ rung, note }) => ({ type: 'SUPERVISE', rung, note })),
  withdrawReferral: acting('withdrawReferral', (input) => ({ type: 'WITHDRAW', ...noted(input) })),
  decideWithdrawal: acting('decideWithdrawal', ({ agree, note }) => ({ type: 'DECIDE_WITHDRAWAL', agree, note })),
};
