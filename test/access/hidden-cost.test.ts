/** What exists and is hidden answers as what does not exist: in words, in code, and in the statements that it takes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Caller } from '../../core/access/caller.ts';
import { citizenId, participant, record } from '../kit/paper-department.ts';
import { openOffice, referredBy, type Office } from './office.ts';

const HIDDEN = citizenId(1);
const NOBODY = citizenId(2);
let office: Office;
let housing: Caller;
let ids: Readonly<Record<'person' | 'dispute' | 'referral' | 'endpoint' | 'delivery', string>>;
beforeAll(async () => {
  office = await openOffice();
  office.police.put(
    record('POLICE', 'p1', {
      ...{ office: 'station', category: 'NEIGHBOUR', place: 'place' },
      participants: [participant('1', { citizenId: HIDDEN, phone: '13800000001' })],
    }),
  );
  await office.readIn.read('POLICE');
  const station = await office.who('station', 'department.head');
  const { registerWebhookEndpoint } = await office.must<{ registerWebhookEndpoint: { endpoint: { id: string } } }>(
    station,
    `mutation { registerWebhookEndpoint(idempotencyKey: "e", input: { organisation: "org_station",
      url: "https://8.8.8.8/", types: ["referral.*"] }) { endpoint { id } } }`,
  );
  const { id: dispute } = await office.db.one<{ id: string }>('select id from dispute');
  const referral = await referredBy(office, await office.who('centre', 'centre.operator'), {
    dispute,
    lead: 'org_station',
  });
  await office.dispatch();
  const { id: person } = await office.db.one<{ id: string }>('select id from person');
  const { id: delivery } = await office.db.one<{ id: string }>('select id from delivery');
  ids = { person, dispute, referral, delivery, endpoint: registerWebhookEndpoint.endpoint.id };
  housing = await office.who('housing', 'department.head', { reason: '核实' });
});
afterAll(() => office.drop());

const act = (field: string, input: string): string =>
  `mutation ($id: ID!, $key: String!) { ${field}(input: { ${input} }, idempotencyKey: $key) { replayed } }`;

const WAYS: readonly (readonly [keyof typeof ids, string])[] = [
  [
    'person',
    'query ($id: ID!) { person(id: $id) { name records { source } disputes { totalCount } timeline { totalCount } } }',
  ],
  [
    'dispute',
    'query ($id: ID!) { dispute(id: $id) { title parties { name } records { source } timeline { totalCount } } }',
  ],
  ['dispute', 'query ($id: ID!) { referrals(filter: { dispute: $id }) { nodes { id } totalCount } }'],
  ['referral', 'query ($id: ID!) { referral(id: $id) { number nextActs events { note } children { id } } }'],
  ['referral', 'query ($id: ID!) { referralChain(id: $id) { referrals { id } events { id } } }'],
  ['referral', 'query ($id: ID!) { webhookDeliveries(filter: { referral: $id }) { nodes { id } totalCount } }'],
  ['endpoint', 'query ($id: ID!) { webhookDeliveries(filter: { endpoint: $id }) { nodes { id } totalCount } }'],
  ['dispute', act('openReferral', 'dispute: $id, kind: ASSIGN, lead: "org_court", summary: "…"')],
  ['referral', act('acceptReferral', 'id: $id, expectedVersion: 1')],
  ['referral', act('forwardReferral', 'id: $id, expectedVersion: 1, to: "org_court", note: "…"')],
  ['referral', act('superviseReferral', 'id: $id, expectedVersion: 1, rung: REMIND, note: "…"')],
  [
    'dispute',
    `mutation ($id: ID!, $key: String!) { addParty(dispute: $id, expectedVersion: 1, party: { name: "甲", role: AGENT },
      idempotencyKey: $key) { replayed } }`,
  ],
  [
    'dispute',
    act('linkRecord', 'dispute: $id, expectedVersion: 1, record: { source: POLICE, key: "p1" }, reason: "…"'),
  ],
  [
    'endpoint',
    'mutation ($id: ID!, $key: String!) { rotateWebhookSecret(id: $id, idempotencyKey: $key) { replayed } }',
  ],
  [
    'delivery',
    'mutation ($id: ID!, $key: String!) { replayWebhookDelivery(id: $id, idempotencyKey: $key) { replayed } }',
  ],
  [
    'delivery',
    'mutation ($id: ID!, $key: String!) { skipWebhookDelivery(id: $id, reason: "…", idempotencyKey: $key) { replayed } }',
  ],
];

test.each(WAYS)('by the id of a hidden %s: %s', async (what, query) => {
  const hidden = await office.ask(housing, query, { id: ids[what], key: `hidden ${query}` });
  const absent = await office.ask(housing, query, { id: ids[what].replace(/.$/, '_'), key: `absent ${query}` });
  expect(hidden).toEqual(absent);
});

test.each([
  ['query ($x: String!) { personByCitizenId(number: $x) { name records { source } } }', HIDDEN, NOBODY],
  ['query ($x: String!) { persons(filter: { phone: $x }) { nodes { id } totalCount } }', '13800000001', '13800000002'],
  ['query ($x: String!) { persons(filter: { name: $x }) { nodes { id } totalCount } }', '王小明', '何守田'],
  [
    'query ($x: String!) { disputes(filter: { text: $x }) { nodes { id } totalCount } }',
    'D2026-000001',
    'D2026-000099',
  ],
])('by what a hidden person or dispute is known by: %s', async (query, there, nowhere) => {
  const hidden = await office.ask(housing, query, { x: there });
  const absent = await office.ask(housing, query, { x: nowhere });
  expect(hidden).toEqual(absent);
  expect(hidden.errors).toEqual([]);
});

test('by the key of a hidden record', async () => {
  const counsellor = await office.who('counselling');
  const { openDispute } = await office.must<{ openDispute: { dispute: { id: string } } }>(
    counsellor,
    `mutation { openDispute(idempotencyKey: "own", input: { title: "…", description: "…", category: FAMILY, channel: WALK_IN,
      place: "org_place", parties: [{ name: "甲", role: APPLICANT }] }) { dispute { id } } }`,
  );
  const link = (key: string) =>
    office.ask(
      counsellor,
      `mutation ($id: ID!, $record: String!) { linkRecord(idempotencyKey: $record, input: { dispute: $id, expectedVersion: 1,
        record: { source: POLICE, key: $record }, reason: "…" }) { replayed } }`,
      { id: openDispute.dispute.id, record: key },
    );
  expect(await link('p1')).toEqual(await link('p0'));
});
