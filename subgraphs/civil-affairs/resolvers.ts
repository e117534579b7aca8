import type { CivilRecordKind } from '../../core/department-record.ts';
import type { Subgraph } from '../../core/subgraph.ts';
import { createPartContext, readPage, toOrganisation, toParty } from '../kit/department-part.ts';
import { createSubgraph } from '../kit/subgraph.ts';
import type { CivilAffairsDeps } from './loaders.ts';
import type { Resolvers } from './resolver-types.generated.ts';

const MARRIAGES: readonly CivilRecordKind[] = ['MARRIAGE', 'DIVORCE'];
const GUARDIANSHIPS: readonly CivilRecordKind[] = ['ADOPTION', 'GUARDIANSHIP'];
const ASSISTANCE: readonly CivilRecordKind[] = [
  'MINIMUM_LIVING',
  'DESTITUTE',
  'TEMPORARY_RELIEF',
  'DISABILITY_ALLOWANCE',
];
const NAMED: readonly CivilRecordKind[] = [...MARRIAGES, ...GUARDIANSHIPS, ...ASSISTANCE];

const resolvers: Resolvers = {
  Person: {
    async civilAffairs(person, _, context) {
      const page = await readPage(context, person.civilAffairsGrant, 'Person.civilAffairs', { first: 100 });
      if (!page) return null;
      // Whose register this is: the others on the record are counterparts.
      const records = page.nodes.map((shown) => ({ ...shown, self: person.id }));
      const of = (kinds: readonly CivilRecordKind[]) => records.filter(({ record }) => kinds.includes(record.kind));
      return {
        marriages: of(MARRIAGES),
        assistance: of(ASSISTANCE),
        guardianships: of(GUARDIANSHIPS),
        other: records.filter(({ record }) => !NAMED.includes(record.kind)),
        freshness: page.freshness,
      };
    },
  },
  CivilRecord: {
    kind: ({ record }) => record.kind,
    from: ({ record }) => record.from,
    to: ({ record }) => record.to,
    status: ({ record }) => record.status,
    office: ({ record }) => toOrganisation(record.office),
    counterpart(shown) {
      const other = shown.record.participants.find(({ ref }) => shown.granted.people[ref] !== shown.self);
      return other && shown.record.participants.length > 1 ? toParty(shown, other) : null;
    },
    detail: ({ record }) => record.detail,
  },
};

export const createCivilAffairsSubgraph = (deps: CivilAffairsDeps): Subgraph =>
  createSubgraph({
    name: 'civil-affairs',
    resolvers,
    source: deps.department.code,
    createContext: (caller) => createPartContext(deps, caller),
  });
