/**
 * How each root field is asked for one and the same matter: an incident at the station, its dispute, its referral from the centre to
 * the station, and what is told of it. Acts are asked so that nothing changes: at a version that is over, or with a fault that is
 * looked for only once the caller may act.
 */
export interface Matter {
  readonly number: string;
  readonly person: string;
  /** Whether the person is somebody else at the station as well. */
  readonly review: string;
  readonly dispute: string;
  readonly referral: string;
  readonly endpoint: string;
  readonly delivery: string;
  readonly proposal: string;
}

export interface Question {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** What the answer holds, and which word of the table that is; the first that fits. */
  readonly shows?: readonly (readonly [sign: string, word: string])[];
}

const PERSON_SIGNS = [
  ['王小明', 'shown'],
  ['王**', 'masked'],
] as const;
const DISPUTE_SIGNS = [
  ['枫林一里', 'shown'],
  ['邻里', 'masked'],
] as const;
const shownBy = (sign: string) => [[sign, 'shown']] as const;

const STALE = 999;

const onReferral =
  (field: string, type: string, more: object = {}) =>
  ({ referral }: Matter): Question => ({
    query: `mutation ($input: ${type}!, $key: String!) { ${field}(input: $input, idempotencyKey: $key) { replayed } }`,
    variables: { input: { id: referral, expectedVersion: STALE, ...more } },
  });

const act = (field: string) => onReferral(field, 'ReferralActInput', { note: '已办' });
const decision = (field: string) => onReferral(field, 'DecisionInput', { agree: true, note: '同意' });

const onRecord =
  (field: string) =>
  ({ dispute }: Matter): Question => ({
    query: `mutation ($input: LinkRecordInput!, $key: String!) { ${field}(input: $input, idempotencyKey: $key) { replayed } }`,
    variables: {
      input: { dispute, expectedVersion: STALE, record: { source: 'POLICE', key: 'p1' }, reason: '同一件事' },
    },
  });

export const QUESTIONS: Readonly<Record<string, (matter: Matter) => Question>> = {
  person: ({ person }) => ({
    query: 'query ($id: ID!) { person(id: $id) { name } }',
    variables: { id: person },
    shows: PERSON_SIGNS,
  }),
  auditEntries: ({ referral }) => ({
    query: 'query ($filter: AuditFilter!) { auditEntries(filter: $filter) { nodes { kind } } }',
    variables: { filter: { referral } },
    shows: shownBy('referral.opened'),
  }),
  auditCheckpoint: () => ({ query: '{ auditCheckpoint { origin } }', shows: shownBy('origin') }),
  auditInclusion: () => ({
    query: '{ auditInclusion(index: 0, treeSize: 1) { leafHash } }',
    shows: shownBy('leafHash'),
  }),
  auditConsistency: () => ({ query: '{ auditConsistency(from: 1, to: 2) { hashes } }', shows: shownBy('hashes') }),
  unusualReading: () => ({ query: '{ unusualReading { nodes { subject } } }', shows: shownBy('curious') }),
  irregularities: () => ({ query: '{ irregularities { nodes { kind } } }', shows: shownBy('CLOCK_EDITED') }),
  disclosures: ({ person }) => ({
    query: 'query ($person: ID!) { disclosures(person: $person) { nodes { subject fieldGroups } } }',
    variables: { person },
    shows: [
      ['"subject":"li"', 'shown'],
      ['identity', 'masked'],
    ],
  }),
  personByCitizenId: ({ number }) => ({
    query: 'query ($number: String!) { personByCitizenId(number: $number) { name } }',
    variables: { number },
    shows: PERSON_SIGNS,
  }),
  persons: () => ({ query: '{ persons(filter: { name: "王小明" }) { nodes { name } } }', shows: PERSON_SIGNS }),
  dispute: ({ dispute }) => ({
    query: 'query ($id: ID!) { dispute(id: $id) { title } }',
    variables: { id: dispute },
    shows: DISPUTE_SIGNS,
  }),
  disputes: () => ({ query: '{ disputes { nodes { title } } }', shows: DISPUTE_SIGNS }),
  identityReviews: () => ({ query: '{ identityReviews { nodes { a { name } b { name } } } }', shows: PERSON_SIGNS }),
  disputeLinkProposals: ({ proposal }) => ({
    query: '{ disputeLinkProposals { nodes { id reasons } } }',
    shows: shownBy(proposal),
  }),
  comparisonReport: () => ({
    query: '{ comparisonReport(from: "2026-02-01", to: "2026-02-28") { county { filings } } }',
    shows: shownBy('filings'),
  }),
  referral: ({ referral }) => ({
    query: 'query ($id: ID!) { referral(id: $id) { id } }',
    variables: { id: referral },
    shows: shownBy(referral),
  }),
  referrals: ({ referral }) => ({ query: '{ referrals { nodes { id } } }', shows: shownBy(referral) }),
  referralChain: ({ referral }) => ({
    query: 'query ($id: ID!) { referralChain(id: $id) { referrals { id } } }',
    variables: { id: referral },
    shows: shownBy(referral),
  }),
  webhookEndpoints: ({ endpoint }) => ({ query: '{ webhookEndpoints { id } }', shows: shownBy(endpoint) }),
  webhookDeliveries: ({ delivery }) => ({ query: '{ webhookDeliveries { nodes { id } } }', shows: shownBy(delivery) }),
  organisation: () => ({ query: '{ organisation(code: "station") { name } }', shows: shownBy('派出所') }),
  organisations: () => ({ query: '{ organisations { nodes { name } } }', shows: shownBy('派出所') }),
  playbooks: () => ({ query: '{ playbooks { id } }', shows: shownBy('STANDARD') }),
  sources: () => ({ query: '{ sources { code } }', shows: shownBy('sources') }),
  me: () => ({ query: '{ me { subject } }', shows: shownBy('subject') }),

  openDispute: () => ({
    query:
      'mutation ($input: OpenDisputeInput!, $key: String!) { openDispute(input: $input, idempotencyKey: $key) { replayed } }',
    variables: {
      input: {
        ...{ title: ' ', description: '…', category: 'NEIGHBOUR', channel: 'WALK_IN', place: 'org_place' },
        parties: [{ name: '王小明', role: 'APPLICANT' }],
      },
    },
  }),
  addParty: ({ dispute }) => ({
    query: `mutation ($dispute: ID!, $party: PartyInput!, $key: String!) {
      addParty(dispute: $dispute, expectedVersion: ${STALE}, party: $party, idempotencyKey: $key) { replayed } }`,
    variables: { dispute, party: { name: '何守田', role: 'RESPONDENT' } },
  }),
  decideIdentityReview: ({ review }) => ({
    query: `mutation ($id: ID!, $key: String!) {
      decideIdentityReview(id: $id, samePerson: true, reason: " ", idempotencyKey: $key) { replayed } }`,
    variables: { id: review },
  }),
  splitPerson: ({ person }) => ({
    query: `mutation ($id: ID!, $key: String!) {
      splitPerson(id: $id, records: [], reason: "另有其人", idempotencyKey: $key) { replayed } }`,
    variables: { id: person },
  }),
  decideDisputeLink: ({ proposal }) => ({
    query:
      'mutation ($id: ID!, $key: String!) { decideDisputeLink(id: $id, accept: true, reason: " ", idempotencyKey: $key) { replayed } }',
    variables: { id: proposal },
  }),
  linkRecord: onRecord('linkRecord'),
  unlinkRecord: onRecord('unlinkRecord'),

  openReferral: ({ dispute }) => ({
    query:
      'mutation ($input: OpenReferralInput!, $key: String!) { openReferral(input: $input, idempotencyKey: $key) { replayed } }',
    variables: { input: { dispute, kind: 'ASSIGN', lead: 'org_housing', summary: ' ' } },
  }),
  acceptReferral: act('acceptReferral'),
  startHandling: act('startHandling'),
  returnReferral: act('returnReferral'),
  decideReturn: decision('decideReturn'),
  redirectReferral: onReferral('redirectReferral', 'RedirectInput', { to: 'org_housing', reason: '改派' }),
  decideJurisdiction: onReferral('decideJurisdiction', 'JurisdictionInput', { lead: 'org_housing', reason: '裁定' }),
  forwardReferral: onReferral('forwardReferral', 'ForwardReferralInput', { to: 'org_housing', note: '转办' }),
  consultReferral: onReferral('consultReferral', 'ConsultReferralInput', {
    ...{ with: ['org_housing'], heldAt: '2026-03-01T00:00:00Z' },
  }),
  reportProgress: act('reportProgress'),
  pauseClock: onReferral('pauseClock', 'PauseClockInput', { clock: 'clk_1', reason: '鉴定' }),
  resumeClock: onReferral('resumeClock', 'ResumeClockInput', { clock: 'clk_1' }),
  requestExtension: onReferral('requestExtension', 'ExtensionInput', {
    ...{ clock: 'clk_1', until: '2026-05-01T00:00:00Z', reason: '复杂' },
  }),
  decideExtension: onReferral('decideExtension', 'ExtensionDecisionInput', {
    ...{ clock: 'clk_1', approve: true, note: '同意' },
  }),
  submitFeedback: onReferral('submitFeedback', 'FeedbackInput', {
    ...{ outcome: 'EXPLAINED', text: '已说明', partiesInformed: [] },
  }),
  closeReferral: act('closeReferral'),
  rateReferral: onReferral('rateReferral', 'RatingInput', { by: 'PERSON', score: 5 }),
  recordReturnVisit: onReferral('recordReturnVisit', 'ReturnVisitInput', {
    ...{ visitedAt: '2026-03-01T00:00:00Z', holds: true, interviewed: 1 },
  }),
  superviseReferral: onReferral('superviseReferral', 'SuperviseInput', { rung: 'REMIND', note: '请抓紧' }),
  withdrawReferral: act('withdrawReferral'),
  decideWithdrawal: decision('decideWithdrawal'),

  registerWebhookEndpoint: () => ({
    query: `mutation ($key: String!) { registerWebhookEndpoint(idempotencyKey: $key,
      input: { organisation: "org_station", url: "ftp://8.8.8.8/", types: ["referral.*"] }) { replayed } }`,
  }),
  rotateWebhookSecret: ({ endpoint }) => ({
    query: 'mutation ($id: ID!, $key: String!) { rotateWebhookSecret(id: $id, idempotencyKey: $key) { replayed } }',
    variables: { id: endpoint },
  }),
  setWebhookEndpointEnabled: ({ endpoint }) => ({
    query: `mutation ($id: ID!, $key: String!) {
      setWebhookEndpointEnabled(id: $id, enabled: true, idempotencyKey: $key) { replayed } }`,
    variables: { id: endpoint },
  }),
  issueInboundSecret: () => ({
    query: `mutation ($key: String!) {
      issueInboundSecret(organisation: "org_station", idempotencyKey: $key) { replayed } }`,
  }),
  replayWebhookDelivery: ({ delivery }) => ({
    query: 'mutation ($id: ID!, $key: String!) { replayWebhookDelivery(id: $id, idempotencyKey: $key) { replayed } }',
    variables: { id: delivery },
  }),
  replayWebhookDeliveries: ({ endpoint }) => ({
    query: `mutation ($endpoint: ID!, $key: String!) {
      replayWebhookDeliveries(endpoint: $endpoint, since: "2026-01-01T00:00:00Z", idempotencyKey: $key) { replayed } }`,
    variables: { endpoint },
  }),
  skipWebhookDelivery: ({ delivery }) => ({
    query: `mutation ($id: ID!, $key: String!) {
      skipWebhookDelivery(id: $id, reason: "电话已告知", idempotencyKey: $key) { replayed } }`,
    variables: { id: delivery },
  }),
};
