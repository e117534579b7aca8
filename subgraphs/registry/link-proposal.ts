import { requirePurpose } from '../../core/access/purpose.ts';
import { countLinkProposals, searchLinkProposals } from '../../core/access/visible-link-proposal.ts';
import { openText } from '../../core/disputes/dispute-text.ts';
import { sayReason } from '../../core/disputes/link-reason.ts';
import { openCursor, pageSize, sealCursor, USUAL_PAGE } from '../../core/platform/cursor.ts';
import { cutPage, toConnection } from '../kit/connection.ts';
import { selects } from '../kit/selection.ts';
import type { DisputeLinkProposalResolvers, QueryResolvers } from './resolver-types.generated.ts';
import { SYSTEM } from './actor.ts';
import { matchRuleOf } from './source-record.ts';

const COUNT = new Set(['totalCount']);

export const linkProposalQueries: Pick<QueryResolvers, 'disputeLinkProposals'> = {
  async disputeLinkProposals(_, { status, first, after }, context, info) {
    const { caller, deps } = context;
    requirePurpose(caller);
    const { fields } = await context.basis();
    const size = pageSize(first, USUAL_PAGE);
    const wanted = status ?? 'OPEN';
    const list = `disputeLinkProposals ${wanted}`;
    const position = after ? openCursor(deps.keyring, list, after) : null;
    const [rows, totalCount] = await Promise.all([
      searchLinkProposals(deps.db, caller, fields, {
        status: wanted,
        after: position && { proposedAt: new Date(position.sort), id: position.id },
        limit: size + 1,
      }),
      selects(info, COUNT) ? countLinkProposals(deps.db, caller, fields, wanted) : null,
    ]);
    return toConnection({
      ...cutPage(rows, size),
      cursorOf: ({ proposedAt, id }) => sealCursor(deps.keyring, list, { sort: proposedAt.toISOString(), id }),
      hasPreviousPage: position !== null,
      totalCount,
    });
  },
};

export const DisputeLinkProposal: DisputeLinkProposalResolvers = {
  async dispute({ disputeId }, _, context) {
    const dispute = await context.disputes.load(disputeId);
    if (!dispute) throw new Error('the proposal’s dispute has gone during the request');
    return dispute;
  },
  record: ({ rule, linkedAt, ...record }) => ({
    ...record,
    matchedBy: matchRuleOf(rule),
    score: null,
    joinedAt: linkedAt,
  }),
  reasons: ({ reasons }) => reasons.map(sayReason),
  decidedBy({ decidedAt, decidedBy }) {
    if (decidedAt === null || decidedBy === null) return decidedAt === null ? null : SYSTEM;
    return { organisationId: decidedBy.organisation, name: null, role: decidedBy.role };
  },
  reason: ({ id, reasonOwner, reasonWrapped, reasonCipher }, _, { deps }) =>
    reasonOwner === null || reasonCipher === null
      ? null
      : openText(deps.keyring, { id: reasonOwner, wrapped: reasonWrapped }, `proposal/${id}`, reasonCipher),
};
