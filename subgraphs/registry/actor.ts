import type { ActorParent } from './loaders.ts';
import type { ActorResolvers } from './resolver-types.generated.ts';

export const SYSTEM: ActorParent = { organisationId: null, name: null, role: 'system' };

export const Actor: ActorResolvers = {
  organisation: ({ organisationId }, _, context) =>
    organisationId === null ? null : context.organisations.load(organisationId),
  system: ({ organisationId }) => organisationId === null,
};
