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
import type { CourtsDeps } from './loaders.ts';
import type { Resolvers } from './resolver-types.generated.ts';

const resolvers: Resolvers = {
  Person: {
    courtCases: (person, page, context) => readPage(context, person.courtGrant, `Person.courtCases ${person.id}`, page),
  },
  Dispute: {
    courtCases: (dispute, page, context) =>
      readPage(context, dispute.courtGrant, `Dispute.courtCases ${dispute.id}`, page),
  },
  CourtCase: {
    __resolveReference: (reference, context) => readEntity(context, reference),
    grant: (shown, _, context) => grantFor(context, shown),
    caseNumber: ({ record }) => record.number,
    court: ({ record }) => toOrganisation(record.office),
    cause: ({ record }) => record.cause,
    procedure: ({ record }) => record.procedure,
    stage: ({ record }) => record.stage,
    filedAt: ({ record }) => record.at,
    concludedAt: ({ record }) => record.concludedAt,
    outcome: ({ record }) => record.outcome,
    parties: toParties,
  },
};

export const createCourtsSubgraph = (deps: CourtsDeps): Subgraph =>
  createSubgraph({
    name: 'courts',
    resolvers,
    source: deps.department.code,
    createContext: (caller) => createPartContext(deps, caller),
  });
