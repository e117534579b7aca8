import type { Subgraph } from '../../core/subgraph.ts';
import { createSubgraph } from '../kit/subgraph.ts';
import { Actor, Clock, Playbook, ReferralEvent } from './event.ts';
import { createReferralsContext, type ReferralsDeps } from './loaders.ts';
import { ReferralChain } from './chain.ts';
import { mutations } from './mutation.ts';
import { Dispute, Person, Referral, referralQueries } from './referral.ts';
import { webhookMutations } from './webhook-mutation.ts';
import { WebhookDelivery, WebhookEndpoint, webhookQueries } from './webhook.ts';
import type { Resolvers } from './resolver-types.generated.ts';

const resolvers: Resolvers = {
  Query: { ...referralQueries, ...webhookQueries },
  Mutation: { ...mutations, ...webhookMutations },
  Referral,
  ReferralEvent,
  ReferralChain,
  Actor,
  Clock,
  Playbook,
  Dispute,
  Person,
  WebhookEndpoint,
  WebhookDelivery,
};

export const createReferralsSubgraph = (deps: ReferralsDeps): Subgraph =>
  createSubgraph({
    name: 'referrals',
    resolvers,
    createContext: (caller) => createReferralsContext(deps, caller),
  });
