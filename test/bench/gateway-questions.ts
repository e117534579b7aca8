/** What gateways are compared by: the unified view of a person, a page of disputes, and something small. */

export interface Asked {
  readonly letter: 'a' | 'b' | 'c';
  readonly name: string;
  readonly query: string;
  /** Asked by turns, so that nobody answers from what the last one asked. */
  readonly variables: readonly Readonly<Record<string, unknown>>[];
}

const FRESHNESS = 'freshness { status asOf }';
const OFFICE = '{ code name level }';
const PARTIES = 'name role person { id name sex birthDate }';
const CASE = `id caseNumber cause procedure stage filedAt concludedAt outcome court ${OFFICE} parties { ${PARTIES} } ${FRESHNESS}`;
const INCIDENT = `id incidentNumber kind occurredAt place disposition station ${OFFICE} participants { ${PARTIES} } ${FRESHNESS}`;
const PETITION = `id petitionNumber form purpose subject submittedAt acceptedAt dueAt repliedAt stage collective responsible ${OFFICE} petitioners { ${PARTIES} } ${FRESHNESS}`;
const RECORD = `id kind from to status office ${OFFICE} counterpart { ${PARTIES} } detail`;
const SOURCE = 'source kind matchedBy score joinedAt';
const ACTOR = `actor { organisation ${OFFICE} name role system }`;
const PAGE = 'pageInfo { hasNextPage endCursor } totalCount';

const VIEW = `query UnifiedView($id: ID!) {
  person(id: $id) {
    id name sex birthDate citizenId phones
    records { ${SOURCE} }
    courtCases(first: 10) { nodes { ${CASE} dispute { id number title stage } } ${PAGE} ${FRESHNESS} }
    policeIncidents(first: 10) { nodes { ${INCIDENT} dispute { id number title stage } } ${PAGE} ${FRESHNESS} withheld { count reason } }
    petitions(first: 10) { nodes { ${PETITION} dispute { id number title stage } } ${PAGE} ${FRESHNESS} }
    civilAffairs { marriages { ${RECORD} } assistance { ${RECORD} } guardianships { ${RECORD} } other { ${RECORD} } ${FRESHNESS} }
    disputes(first: 5) {
      nodes {
        id number title category channels stage urgency openedAt resolvedAt address isCollective missingDocuments
        place ${OFFICE}
        parties { name role person { id name sex birthDate } organisation ${OFFICE} }
        records { ${SOURCE} }
        courtCases(first: 2) { nodes { id caseNumber stage court ${OFFICE} } ${FRESHNESS} }
        policeIncidents(first: 2) { nodes { id incidentNumber kind station ${OFFICE} } ${FRESHNESS} }
        petitions(first: 2) { nodes { id petitionNumber stage responsible ${OFFICE} } ${FRESHNESS} }
      }
      ${PAGE}
    }
    referrals(first: 5) {
      nodes {
        id number kind status version urgency legalBasis summary step nextActs openedAt closedAt
        from ${OFFICE} lead ${OFFICE} responsible ${OFFICE}
        participants { organisation ${OFFICE} role reportedAt }
        clocks { id name rule amount unit startedAt dueAt light organisation ${OFFICE} }
        events { id sequence type at note ${ACTOR} }
        feedback { outcome text at by ${OFFICE} }
        dispute { id number title stage }
      }
      ${PAGE}
    }
    timeline(first: 20) {
      nodes {
        at source kind
        courtCase { id caseNumber stage } policeIncident { id incidentNumber kind } petition { id petitionNumber stage }
        referral { id number status } dispute { id number title }
      }
      ${PAGE}
    }
  }
}`;

const DISPUTES = `query Disputes($after: String) {
  disputes(first: 50, after: $after) {
    nodes {
      id number title category channels stage urgency openedAt place ${OFFICE}
      parties { name role person { id name sex } organisation { code name } }
      records { ${SOURCE} }
      courtCases(first: 2) { nodes { id caseNumber stage court { code name } } ${FRESHNESS} }
      policeIncidents(first: 2) { nodes { id incidentNumber kind station { code name } } ${FRESHNESS} }
      petitions(first: 2) { nodes { id petitionNumber stage responsible { code name } } ${FRESHNESS} }
    }
    ${PAGE}
  }
}`;

const SMALL = `query Small($id: ID!) {
  person(id: $id) { name sex courtCases(first: 1) { nodes { caseNumber stage } ${FRESHNESS} } }
}`;

const times = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));

export const QUESTIONS: readonly Asked[] = [
  {
    letter: 'a',
    name: 'the unified view of a person',
    query: VIEW,
    variables: times(16, (at) => ({ id: `person-${at}` })),
  },
  {
    letter: 'b',
    name: '50 disputes with parties and records',
    query: DISPUTES,
    variables: times(8, (at) => ({ after: `page-${at}` })),
  },
  { letter: 'c', name: 'a small query', query: SMALL, variables: times(16, (at) => ({ id: `person-${at}` })) },
];
