/**
 * What a field tells of people, as it is written down: by type and field of the API's schema, the field group; null where it
 * tells nothing of anybody. A test fails for a type that stands in neither table, and for a field that has no line.
 */
type Groups = Readonly<Record<string, string | null>>;

/** What shows that there is such a person, dispute or record, when nothing else of it is asked. */
export const EXISTENCE = 'existence';

/** Of these a masked value is another group: `contact.masked`. */
export const MASKED_GROUPS: ReadonlySet<string> = new Set(['identifier', 'contact']);

/** On these types every field has a line. */
export const FIELD_GROUPS: Readonly<Record<string, Groups>> = {
  Person: {
    id: null,
    name: 'identity',
    sex: 'identity',
    birthDate: 'identity',
    citizenId: 'identifier',
    phones: 'contact',
    records: 'records',
    disputes: 'disputes',
    timeline: 'timeline',
    courtCases: 'courts',
    policeIncidents: 'police',
    petitions: 'petitions',
    civilAffairs: 'civil-affairs',
    referrals: 'referrals',
  },
  CourtCase: {
    id: null,
    caseNumber: 'courts',
    court: 'courts',
    cause: 'courts',
    procedure: 'courts',
    stage: 'courts',
    filedAt: 'courts',
    concludedAt: 'courts',
    outcome: 'courts',
    parties: null,
    dispute: null,
    freshness: null,
  },
  PoliceIncident: {
    id: null,
    incidentNumber: 'police',
    kind: 'police',
    station: 'police',
    occurredAt: 'police',
    place: 'address',
    disposition: 'police',
    participants: null,
    dispute: null,
    freshness: null,
  },
  Petition: {
    id: null,
    petitionNumber: 'petitions',
    form: 'petitions',
    purpose: 'petitions',
    subject: 'petitions',
    submittedAt: 'petitions',
    acceptedAt: 'petitions',
    dueAt: 'petitions',
    repliedAt: 'petitions',
    stage: 'petitions',
    collective: 'petitions',
    responsible: 'petitions',
    petitioners: null,
    dispute: null,
    freshness: null,
  },
  CivilAffairsProfile: {
    marriages: 'civil-affairs',
    assistance: 'civil-affairs',
    guardianships: 'civil-affairs',
    other: 'civil-affairs',
    freshness: null,
  },
  CivilRecord: {
    id: null,
    kind: 'civil-affairs',
    from: 'civil-affairs',
    to: 'civil-affairs',
    status: 'civil-affairs',
    office: 'civil-affairs',
    counterpart: null,
    detail: 'civil-affairs',
  },
  CaseParty: { name: 'identity', role: 'party', person: null },
  Party: { name: 'identity', role: 'party', person: null, organisation: null },
  // What was typed names people as often as not: 张三诉李四借款.
  Dispute: {
    id: null,
    number: null,
    version: null,
    title: 'disputes',
    category: null,
    channels: null,
    place: null,
    address: 'address',
    urgency: null,
    stage: null,
    openedAt: null,
    resolvedAt: null,
    parties: null,
    isCollective: null,
    missingDocuments: 'disputes',
    records: 'records',
    timeline: 'timeline',
    courtCases: null,
    policeIncidents: null,
    petitions: null,
    referrals: null,
  },
  // Of either of the two: whatever tells how they agree tells of both.
  IdentityReview: {
    id: null,
    status: null,
    a: null,
    b: null,
    score: 'identity',
    evidence: 'identity',
    proposedAt: null,
    decidedBy: null,
    decidedAt: null,
    reason: 'identity',
  },
  RecordSummary: {
    source: 'records',
    name: 'identity',
    sex: 'identity',
    birthDate: 'identity',
    citizenId: 'identifier',
    place: 'address',
    person: null,
  },
  // That the same people stand on both sides says something of them.
  DisputeLinkProposal: {
    id: null,
    status: null,
    dispute: null,
    record: 'records',
    reasons: 'records',
    proposedAt: null,
    decidedBy: null,
    reason: 'disputes',
  },
  // Told by Person.records, Dispute.records, proposals and the two timelines.
  SourceRecord: { source: null, kind: null, key: 'records', matchedBy: null, score: null, joinedAt: null },
  TimelineEntry: {
    at: null,
    source: null,
    kind: null,
    courtCase: null,
    policeIncident: null,
    petition: null,
    referral: null,
    dispute: null,
  },
  // Its words are about people, whether or not they name them.
  Referral: {
    id: null,
    number: null,
    kind: null,
    status: null,
    version: null,
    dispute: null,
    from: null,
    lead: null,
    responsible: null,
    participants: null,
    urgency: null,
    legalBasis: null,
    statutoryPath: null,
    summary: 'referrals',
    playbook: null,
    step: null,
    nextActs: null,
    clocks: null,
    parent: null,
    children: null,
    events: null,
    feedback: null,
    ratings: null,
    returnVisits: null,
    openedAt: null,
    closedAt: null,
  },
  ReferralEvent: {
    id: null,
    referral: null,
    sequence: null,
    type: null,
    at: null,
    actor: null,
    responsible: null,
    note: 'referrals',
    auditIndex: null,
  },
  Feedback: {
    outcome: 'referrals',
    text: 'referrals',
    by: null,
    at: null,
    partiesInformed: null,
    agreementSha256: null,
  },
  // Everything that was said in the chain, as far as the reader may know it.
  ChainProof: { checkpoint: null, complete: null, file: 'referrals' },
  InformedParty: { party: 'identity', how: 'contact', at: null, pathInWriting: null },
  Rating: { by: null, score: 'referrals', comment: 'referrals', objects: 'referrals', at: null },
  ReturnVisit: { visitedAt: 'referrals', holds: 'referrals', interviewed: null, note: 'referrals', by: null },
};

/** Fields by which somebody is found: noted of whom they lead to. */
export const SEARCHES: Readonly<Record<string, Groups>> = {
  Query: { personByCitizenId: 'search', persons: 'search' },
  // Whoever names a party is told what else it is a party to.
  OpenDisputePayload: { duplicates: 'search' },
};

/** Types that tell nothing of people by themselves: lists, payloads, offices and officials, clocks, messages, the log. */
export const WITHOUT_PEOPLE: readonly RegExp[] = [
  /^(Query|Mutation|Subscription)$/,
  /(Connection|Edge|Payload)$/,
  /^(PageInfo|Freshness|Withheld|Caller|Actor|Organisation|Source)$/,
  /^(Participant|Clock|Playbook|StatutoryPath|ReferralChain)$/,
  // Counted by place, and nothing that is under 5.
  /^(ComparisonReport|ComparedCounts|StreetComparison)$/,
  // How two agree is told by IdentityReview.
  /^MatchEvidence$/,
  /^(WebhookEndpoint|WebhookDelivery|DeliveryAttempt)$/,
  // Who looks at these is written down by the room that shows them (subgraphs/oversight).
  /^(Disclosure|AuditEntry|AuditCheckpoint|AuditInclusionProof|AuditConsistencyProof|UnusualReading|Irregularity)$/,
];

export const groupOf = (type: string, field: string): string | null =>
  FIELD_GROUPS[type]?.[field] ?? SEARCHES[type]?.[field] ?? null;
