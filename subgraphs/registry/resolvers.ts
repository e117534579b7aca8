import type { Subgraph } from '../../core/subgraph.ts';
import { createSubgraph } from '../kit/subgraph.ts';
import { Actor } from './actor.ts';
import { comparisonQueries, StreetComparison } from './comparison.ts';
import { Dispute, disputeQueries, Party } from './dispute.ts';
import { IdentityReview, identityQueries, RecordSummary } from './identity-review.ts';
import { createRegistryContext, type RegistryDeps } from './loaders.ts';
import { DisputeLinkProposal, linkProposalQueries } from './link-proposal.ts';
import { mutations } from './mutation.ts';
import { Caller, Organisation, organisationQueries } from './organisation.ts';
import { Person, personQueries } from './person.ts';
import { recordResolvers } from './record.ts';
import type { Resolvers } from './resolver-types.generated.ts';
import { SourceRecord } from './source-record.ts';
import { TimelineEntry } from './timeline.ts';

const resolvers: Resolvers = {
  Query: {
    ...{ ...personQueries, ...disputeQueries, ...organisationQueries, ...identityQueries, ...linkProposalQueries },
    ...comparisonQueries,
  },
  Mutation: mutations,
  Caller,
  Organisation,
  Person,
  Dispute,
  Party,
  DisputeLinkProposal,
  StreetComparison,
  Actor,
  SourceRecord,
  TimelineEntry,
  IdentityReview,
  RecordSummary,
  ...recordResolvers,
};

export const createRegistrySubgraph = (deps: RegistryDeps): Subgraph =>
  createSubgraph({
    name: 'registry',
    resolvers,
    createContext: (caller, ahead) => createRegistryContext(deps, caller, ahead),
  });
