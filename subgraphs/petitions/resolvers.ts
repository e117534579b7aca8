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
import type { PetitionsDeps } from './loaders.ts';
import type { Resolvers } from './resolver-types.generated.ts';

const resolvers: Resolvers = {
  Person: {
    petitions: (person, page, context) =>
      readPage(context, person.petitionGrant, `Person.petitions ${person.id}`, page),
  },
  Dispute: {
    petitions: (dispute, page, context) =>
      readPage(context, dispute.petitionGrant, `Dispute.petitions ${dispute.id}`, page),
  },
  Petition: {
    __resolveReference: (reference, context) => readEntity(context, reference),
    grant: (shown, _, context) => grantFor(context, shown),
    petitionNumber: ({ record }) => record.number,
    form: ({ record }) => record.form,
    purpose: ({ record }) => record.purpose,
    subject: ({ record }) => record.subject,
    submittedAt: ({ record }) => record.at,
    acceptedAt: ({ record }) => record.acceptedAt,
    dueAt: ({ record }) => record.dueAt,
    repliedAt: ({ record }) => record.repliedAt,
    stage: ({ record }) => record.stage,
    collective: ({ record }) => record.collective,
    responsible: ({ record }) => toOrganisation(record.responsible),
    petitioners: toParties,
  },
};

export const createPetitionsSubgraph = (deps: PetitionsDeps): Subgraph =>
  createSubgraph({
    name: 'petitions',
    resolvers,
    source: deps.department.code,
    createContext: (caller) => createPartContext(deps, caller),
  });
