import type { Subgraph } from '../../core/subgraph.ts';
import {
  createPartContext,
  grantFor,
  readEntity,
  readPage,
  toOrganisation,
  toParties,
} from '../kit/department-part.ts';
import { createSubgraph } from '../kit/subgraph.ts';
import type { PoliceDeps } from './loaders.ts';
import type { Resolvers } from './resolver-types.generated.ts';

const resolvers: Resolvers = {
  Person: {
    policeIncidents: (person, page, context) =>
      readPage(context, person.policeGrant, `Person.policeIncidents ${person.id}`, page),
  },
  Dispute: {
    policeIncidents: (dispute, page, context) =>
      readPage(context, dispute.policeGrant, `Dispute.policeIncidents ${dispute.id}`, page),
  },
  PoliceIncident: {
    __resolveReference: (reference, context) => readEntity(context, reference),
    grant: (shown, _, context) => grantFor(context, shown),
    incidentNumber: ({ record }) => record.number,
    kind: ({ record }) => record.kind,
    station: ({ record }) => toOrganisation(record.office),
    occurredAt: ({ record }) => record.at,
    place: ({ record }) => record.scene,
    disposition: ({ record }) => record.disposition,
    participants: toParties,
  },
};

export const createPoliceSubgraph = (deps: PoliceDeps): Subgraph =>
  createSubgraph({
    name: 'police',
    resolvers,
    source: deps.department.code,
    createContext: (caller) => createPartContext(deps, caller),
  });
