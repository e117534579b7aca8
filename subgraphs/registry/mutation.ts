/** Acts at the desk: each once per idempotency key, with its audit entry, in one transaction. */
import { loadTellingMentions, loadVisibleDisputes, mayReadRecord } from '../../core/access/visible-dispute.ts';
import { loadVisibleLinkProposal } from '../../core/access/visible-link-proposal.ts';
import { requirePurpose } from '../../core/access/purpose.ts';
import { audit } from '../../core/audit/audit.ts';
import { addParty } from '../../core/disputes/add-party.ts';
import type { DeskContext, DeskParty } from '../../core/disputes/desk-record.ts';
import { decideLink } from '../../core/disputes/decide-link.ts';
import { findRecordId, linkRecord, unlinkRecord } from '../../core/disputes/link-record.ts';
import { toOpenDispute } from '../../core/disputes/dispute-report.ts';
import { openDispute } from '../../core/disputes/open-dispute.ts';
import { JOIN_LOCK } from '../../core/people/join-people.ts';
import type { Tx } from '../../core/platform/db.ts';
import { AppError } from '../../core/platform/errors.ts';
import { act, forget } from './act.ts';
import { identityMutations } from './identity-review.ts';
import type { DisputeParent, RegistryContext } from './loaders.ts';
import type { LinkRecordInput, MutationResolvers, PartyInput } from './resolver-types.generated.ts';

const desk = ({ caller, deps: { keyring, clock } }: RegistryContext): DeskContext => ({
  keyring,
  now: clock.business(),
  organisationId: caller.organisation.id,
  subject: caller.subject,
});

const noSuchDispute = (): AppError =>
  new AppError('NOT_FOUND', 'There is no such dispute.', { details: { field: 'dispute' } });

/** The dispute after the act, with the rights of now. */
async function after(context: RegistryContext, id: string): Promise<DisputeParent> {
  forget(context);
  const dispute = await context.disputes.load(id);
  if (!dispute) throw noSuchDispute();
  return dispute;
}

async function requireVisible(context: RegistryContext, tx: Tx, id: string): Promise<void> {
  const { joined } = (await context.basis()).fields;
  const visible = await loadVisibleDisputes(tx, context.caller, [id], joined);
  if (!visible.has(id)) throw noSuchDispute();
}

const toDeskParty = ({ name, role, citizenId, phone, organisation }: PartyInput): DeskParty => ({
  name,
  role,
  citizenId: citizenId ?? null,
  phone: phone ?? null,
  organisationId: organisation ?? null,
});

/** Linking by key is for those who may read the record; to others it does not exist. */
async function requireReadable(
  context: RegistryContext,
  tx: Tx,
  { source, key }: LinkRecordInput['record'],
): Promise<void> {
  const { caller, deps } = context;
  const id = await findRecordId(tx, deps.keyring, { source, key });
  // Asked also of one that the index does not have: it costs as many statements as one that is hidden.
  const readable = await mayReadRecord(tx, caller, id ?? '');
  if (!readable || !(await context.basis()).fields.sources.has(source)) {
    throw new AppError('NOT_FOUND', 'There is no such record.', { details: { field: 'input.record' } });
  }
}

function changeLink(operation: 'linkRecord' | 'unlinkRecord'): NonNullable<MutationResolvers['linkRecord']> {
  const change = operation === 'linkRecord' ? linkRecord : unlinkRecord;
  return async (_, { input, idempotencyKey }, context) => {
    const { caller } = context;
    const { result, replayed } = await act(
      context,
      { operation, key: idempotencyKey, input, subject: input.dispute },
      async (tx) => {
        await requireVisible(context, tx, input.dispute);
        await requireReadable(context, tx, input.record);
        const changed = await change(tx, desk(context), {
          disputeId: input.dispute,
          expectedVersion: input.expectedVersion,
          record: input.record,
          reason: input.reason,
        });
        await audit.append(tx, {
          kind: operation === 'linkRecord' ? 'record.linked' : 'record.unlinked',
          subject: changed.disputeId,
          actor: caller,
          at: context.deps.clock.wall(),
          body: {
            record: await findRecordId(tx, context.deps.keyring, input.record),
            version: changed.version,
            purpose: caller.purpose,
          },
        });
        return changed;
      },
    );
    return { dispute: await after(context, result.disputeId), replayed };
  };
}

export const mutations: MutationResolvers = {
  async openDispute(_, { input, idempotencyKey }, context) {
    const { caller } = context;
    const asked = toOpenDispute(input);
    const { sources } = (await context.basis()).fields;
    const { result, replayed } = await act(
      context,
      { operation: 'openDispute', key: idempotencyKey, input, subject: caller.organisation.id },
      async (tx) => {
        const opened = await openDispute(tx, desk(context), asked, (ids) =>
          loadTellingMentions(tx, caller, ids, sources),
        );
        // Whoever names a party is told what else it is a party to: somebody has been looked up.
        if (opened.status === 'DUPLICATES') requirePurpose(caller);
        else {
          await audit.append(tx, {
            kind: 'dispute.opened',
            subject: opened.disputeId,
            actor: caller,
            at: context.deps.clock.wall(),
            body: {
              version: opened.version,
              category: asked.category,
              channel: asked.channel,
              purpose: caller.purpose,
            },
          });
        }
        return opened;
      },
      // Who is told of duplicates has opened nothing: asked again, they are looked for again.
      ({ status }) => status === 'OPENED',
    );
    if (result.status === 'OPENED')
      return { dispute: await after(context, result.disputeId), duplicates: [], replayed };
    const duplicates = await Promise.all(result.disputeIds.map((id) => context.disputes.load(id)));
    return { dispute: null, duplicates: duplicates.filter((dispute) => dispute !== null), replayed };
  },

  async addParty(_, { dispute, expectedVersion, party, idempotencyKey }, context) {
    const { caller } = context;
    const input = { dispute, expectedVersion, party };
    const { result, replayed } = await act(
      context,
      { operation: 'addParty', key: idempotencyKey, input, subject: dispute },
      async (tx) => {
        await requireVisible(context, tx, dispute);
        const changed = await addParty(tx, desk(context), {
          disputeId: dispute,
          expectedVersion,
          party: toDeskParty(party),
        });
        await audit.append(tx, {
          kind: 'dispute.party_added',
          subject: changed.disputeId,
          actor: caller,
          at: context.deps.clock.wall(),
          body: { version: changed.version, role: party.role, purpose: caller.purpose },
        });
        return changed;
      },
    );
    return { dispute: await after(context, result.disputeId), replayed };
  },

  ...identityMutations,
  async decideDisputeLink(_, { id, accept, reason, idempotencyKey }, context) {
    const { caller, deps } = context;
    let about = id;
    const { result, replayed } = await act(
      context,
      { operation: 'decideDisputeLink', key: idempotencyKey, input: { id, accept, reason }, subject: () => about },
      async (tx) => {
        requirePurpose(caller);
        // Before it is looked at: nobody decides it, or joins what it is about, in between.
        await tx.lock(JOIN_LOCK);
        const proposal = await loadVisibleLinkProposal(tx, caller, (await context.basis()).fields, id);
        if (!proposal) throw new AppError('NOT_FOUND', 'There is no such proposal.', { details: { field: 'id' } });
        about = proposal.disputeId;
        const decided = await decideLink(
          tx,
          { ...desk(context), roles: caller.roles },
          { proposalId: id, accept, reason },
        );
        const { disputeId, recordId, version } = decided;
        await audit.append(tx, {
          kind: accept ? 'record.linked' : 'link.rejected',
          subject: disputeId,
          actor: caller,
          at: deps.clock.wall(),
          body: { proposal: id, record: recordId, version, purpose: caller.purpose },
        });
        return decided;
      },
    );
    return { dispute: await after(context, result.disputeId), replayed };
  },

  linkRecord: changeLink('linkRecord'),
  unlinkRecord: changeLink('unlinkRecord'),
};
