/** What people ask for: each act of a referral, and what is arranged for webhooks. All by mutation, repeated with its key. */
import type { FaultyOffice } from '../kit/faulty-office.ts';
import type { Found, Step } from './step.ts';
import {
  act,
  carry,
  found,
  newKey,
  openDispute,
  openReferral,
  register,
  story,
  type ActName,
  type Asked,
} from './story.ts';

const CENTRE: Asked = { organisation: 'centre' };
const POLICE: Asked = { organisation: 'police' };
const note = '已联系双方。';
/** Before the story begins. */
const EARLIER = '2026-08-31T09:00:00.000Z';

type Before = readonly (readonly [ActName, Asked, (clock: string) => object])[];
const nothing = () => ({});

const accepted: Before = [['acceptReferral', POLICE, nothing]];
const returning: Before = [['returnReferral', POLICE, () => ({ note })]];
const refused: Before = [...returning, ['decideReturn', CENTRE, () => ({ agree: false, note })]];
const returned: Before = [...returning, ['decideReturn', CENTRE, () => ({ agree: true, note })]];
const paused: Before = [...accepted, ['pauseClock', POLICE, (clock) => ({ clock, reason: 'APPRAISAL' })]];
const extension = (clock: string) => ({ clock, until: '2026-12-31T00:00:00.000Z', reason: note });
const asked: Before = [...accepted, ['requestExtension', POLICE, extension]];
const result = () => ({
  ...{ outcome: 'SETTLED', text: '已和解。' },
  partiesInformed: [{ party: '申请人', how: '电话', at: EARLIER }],
});
const answered: Before = [...accepted, ['submitFeedback', POLICE, result]];
const closed: Before = [...answered, ['closeReferral', CENTRE, nothing]];
const withdrawing: Before = [...accepted, ['withdrawReferral', CENTRE, nothing]];

const ACTS: readonly (readonly [ActName, Before, Asked, (clock: string) => object])[] = [
  ['acceptReferral', [], POLICE, nothing],
  ['startHandling', accepted, POLICE, nothing],
  ['returnReferral', [], POLICE, () => ({ note })],
  ['decideReturn', returning, CENTRE, () => ({ agree: true, note })],
  ['redirectReferral', returned, CENTRE, () => ({ to: 'court', reason: note })],
  ['decideJurisdiction', refused, { organisation: 'county' }, () => ({ lead: 'court', reason: note })],
  ['forwardReferral', accepted, POLICE, () => ({ to: 'court', note })],
  ['consultReferral', accepted, POLICE, () => ({ with: ['court'], heldAt: EARLIER, conclusion: note })],
  ['reportProgress', accepted, POLICE, () => ({ note })],
  ['pauseClock', accepted, POLICE, (clock) => ({ clock, reason: 'APPRAISAL' })],
  ['resumeClock', paused, POLICE, (clock) => ({ clock })],
  ['requestExtension', accepted, POLICE, extension],
  ['decideExtension', asked, CENTRE, (clock) => ({ clock, approve: true, note })],
  ['submitFeedback', accepted, POLICE, result],
  ['closeReferral', answered, CENTRE, nothing],
  ['rateReferral', answered, CENTRE, () => ({ by: 'PERSON', score: 4 })],
  ['recordReturnVisit', closed, CENTRE, () => ({ visitedAt: EARLIER, holds: false, interviewed: 1 })],
  ['superviseReferral', accepted, CENTRE, () => ({ rung: 'NOTIFY', note })],
  ['withdrawReferral', [], CENTRE, nothing],
  ['decideWithdrawal', withdrawing, POLICE, () => ({ agree: true, note })],
];

const actSteps = ACTS.map(([name, before, who, input]): Step => ({
  name,
  isRepeated: true,
  async prepare(office) {
    const id = await story(office, before);
    const { version, clock } = await found(office, id);
    return { id, version: String(version), clock, key: newKey() };
  },
  run: (office, { id, version, clock = '', key = '' }) =>
    act(office, name, who, { id, expectedVersion: Number(version), ...input(clock) }, key),
}));

const SUPERVISOR = (office: FaultyOffice) => office.who('centre', 'centre.supervisor');

/** What the centre's supervisor arranges. */
const arranged = (
  name: string,
  mutation: string,
  prepare: (office: FaultyOffice) => Promise<Found>,
  variables: (found: Found) => object = (own) => own,
): Step => ({
  name,
  isRepeated: true,
  prepare: async (office) => ({ ...(await prepare(office)), key: newKey() }),
  run: (office, own) => office.ask('referrals', SUPERVISOR(office), mutation, variables(own)),
});

const endpointOf = async (office: FaultyOffice, organisation: string): Promise<string> =>
  (await office.db.one<{ id: string }>('select id from webhook_endpoint where organisation_id = $1', [organisation]))
    .id;

/** The police's endpoint with a message that it refuses and one behind it. */
async function poisoned(office: FaultyOffice): Promise<Found> {
  const id = await story(office);
  office.answers.set('/police', 422);
  for (const progress of ['acceptReferral', 'reportProgress'] as const) {
    const { version } = await found(office, id);
    await act(office, progress, POLICE, { id, expectedVersion: version, note }, newKey());
  }
  await carry(office);
  office.answers.clear();
  const failed = await office.db.one<{ id: string }>(`select id from delivery where status = 'FAILED'`, []);
  return { id: failed.id, endpoint: await endpointOf(office, 'police') };
}

const arrangements: readonly Step[] = [
  {
    name: 'openDispute',
    isRepeated: true,
    async prepare(office) {
      await register(office, 'centre', newKey());
      return { key: newKey() };
    },
    run: (office, { key = '' }) => openDispute(office, 'centre', key),
  },
  {
    name: 'openReferral',
    isRepeated: true,
    async prepare(office) {
      await register(office, 'police', newKey());
      const { dispute } = (await openDispute(office, 'centre', newKey())).openDispute;
      return { dispute: dispute.id, key: newKey() };
    },
    run: (office, { dispute = '', key = '' }) => openReferral(office, dispute, key),
  },
  {
    name: 'registerWebhookEndpoint',
    isRepeated: true,
    prepare: async () => ({ key: newKey() }),
    run: (office, { key = '' }) => register(office, 'court', key),
  },
  arranged(
    'rotateWebhookSecret',
    'mutation ($id: ID!, $key: String!) { rotateWebhookSecret(id: $id, idempotencyKey: $key) { secret replayed } }',
    async (office) => {
      await story(office);
      return { id: await endpointOf(office, 'police') };
    },
  ),
  arranged(
    'setWebhookEndpointEnabled',
    `mutation ($id: ID!, $key: String!) {
      setWebhookEndpointEnabled(id: $id, enabled: false, idempotencyKey: $key) { replayed } }`,
    async (office) => {
      await story(office);
      return { id: await endpointOf(office, 'police') };
    },
  ),
  arranged(
    'issueInboundSecret',
    'mutation ($key: String!) { issueInboundSecret(organisation: "petitions", idempotencyKey: $key) { secret replayed } }',
    async () => ({}),
  ),
  arranged(
    'replayWebhookDelivery',
    'mutation ($id: ID!, $key: String!) { replayWebhookDelivery(id: $id, idempotencyKey: $key) { replayed } }',
    poisoned,
  ),
  arranged(
    'replayWebhookDeliveries',
    `mutation ($endpoint: ID!, $key: String!) {
      replayWebhookDeliveries(endpoint: $endpoint, since: "2026-01-01T00:00:00Z", status: DELIVERED, idempotencyKey: $key) { queued } }`,
    async (office) => {
      await story(office, accepted);
      return { endpoint: await endpointOf(office, 'police') };
    },
  ),
  arranged(
    'skipWebhookDelivery',
    'mutation ($id: ID!, $key: String!) { skipWebhookDelivery(id: $id, reason: "看过", idempotencyKey: $key) { replayed } }',
    poisoned,
  ),
];

export const askedSteps: readonly Step[] = [...arrangements, ...actSteps];
