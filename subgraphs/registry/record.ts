/** Departments' records as the registry knows them: an id, and the dispute they tell of. */
import { openGrant } from '../../core/access/grant.ts';
import type { DisputeParent, RecordParent, RegistryContext } from './loaders.ts';
import type { Resolvers } from './resolver-types.generated.ts';

async function disputeOf(context: RegistryContext, { id }: RecordParent): Promise<DisputeParent | null> {
  const dispute = await context.disputeOfRecord.load(id);
  return dispute === null ? null : context.disputes.load(dispute);
}

/** A reference counts only with a grant for that very record: nobody asks about a record by guessing its id. */
function accept(context: RegistryContext, source: string, reference: RecordParent): RecordParent | null {
  const grant = openGrant(context.deps, source, context.caller, reference.grant);
  return grant.records.some(({ id }) => id === reference.id) ? reference : null;
}

export const recordResolvers: Pick<Resolvers, 'CourtCase' | 'PoliceIncident' | 'Petition'> = {
  CourtCase: {
    __resolveReference: (reference, context) => accept(context, 'COURTS', reference),
    dispute: (record, _, context) => disputeOf(context, record),
  },
  PoliceIncident: {
    __resolveReference: (reference, context) => accept(context, 'POLICE', reference),
    dispute: (record, _, context) => disputeOf(context, record),
  },
  Petition: {
    __resolveReference: (reference, context) => accept(context, 'PETITIONS', reference),
    dispute: (record, _, context) => disputeOf(context, record),
  },
};
