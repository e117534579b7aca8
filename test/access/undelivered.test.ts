/** Domain rule 12: what was not delivered stays in sight of who answers for it, and of nobody else. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Caller } from '../../core/access/caller.ts';
import { openedBy, openOffice, referredBy, type Office } from './office.ts';

let office: Office;
let centre: Caller;
let head: Caller;
let referral: string;
let delivery: string;
beforeAll(async () => {
  office = await openOffice();
  centre = await office.who('centre', 'centre.supervisor');
  head = await office.who('housing', 'department.head');
  await office.must(
    head,
    `mutation { registerWebhookEndpoint(idempotencyKey: "e", input: { organisation: "org_housing",
      url: "https://8.8.8.8/", types: ["referral.*"] }) { endpoint { id } } }`,
  );
  const dispute = await openedBy(office, await office.who('centre', 'centre.operator'), { category: 'NEIGHBOUR' });
  referral = await referredBy(office, await office.who('centre', 'centre.operator'), { dispute, lead: 'org_housing' });
  await office.dispatch();
  // Its system has not answered for days, and the message was tried for the last time.
  ({ id: delivery } = await office.db.one<{ id: string }>(
    `update delivery set status = 'FAILED', reason = 'EXHAUSTED', next_attempt_at = null returning id`,
  ));
});
afterAll(() => office.drop());

interface Listed {
  readonly webhookDeliveries: {
    readonly nodes: readonly { readonly id: string; readonly status: string; readonly reason: string | null }[];
  };
}
const listed = async (who: Caller): Promise<Listed['webhookDeliveries']['nodes']> =>
  (await office.must<Listed>(who, '{ webhookDeliveries { nodes { id status reason } } }')).webhookDeliveries.nodes;
const SKIP = `mutation ($id: ID!, $key: String!) { skipWebhookDelivery(id: $id, reason: "系统停用", idempotencyKey: $key) {
  delivery { status } } }`;
const REPLAY = `mutation ($id: ID!, $key: String!) { replayWebhookDelivery(id: $id, idempotencyKey: $key) { delivery { status } } }`;

test.each([
  ['court', 'department.head'],
  ['street-centre', 'centre.supervisor'],
  ['counselling', 'department.head'],
] as const)('%s (%s) is not told of it, and neither sends it again nor leaves it out', async (code, role) => {
  const other = await office.who(code, role);
  expect(await listed(other)).toEqual([]);
  for (const [name, query] of Object.entries({ SKIP, REPLAY })) {
    const { data, errors } = await office.ask(other, query, { id: delivery, key: `${name} ${code}` });
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ code: 'NOT_FOUND' }]);
  }
  expect(await listed(centre)).toEqual([{ id: delivery, status: 'FAILED', reason: 'EXHAUSTED' }]);
});

test('the office’s own handler looks at it and changes nothing', async () => {
  const own = await office.who('housing', 'department.handler');
  expect(await listed(own)).toHaveLength(1);
  for (const [name, query] of Object.entries({ SKIP, REPLAY })) {
    const { errors } = await office.ask(own, query, { id: delivery, key: `${name} handler` });
    expect(errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  }
  expect(await listed(centre)).toMatchObject([{ status: 'FAILED' }]);
});

test('the office that would rather not have heard leaves it out, and the centre sees that it did; the clock runs on', async () => {
  const dueOf = async (): Promise<unknown> =>
    office.must(
      centre,
      'query ($id: ID!) { referral(id: $id) { status responsible { id } clocks { rule { id } dueAt } } }',
      {
        id: referral,
      },
    );
  const before = await dueOf();
  await office.must(head, SKIP, { id: delivery, key: 'own' });
  expect(await listed(centre)).toEqual([{ id: delivery, status: 'SKIPPED', reason: '系统停用' }]);
  expect(await dueOf()).toEqual(before);
  const entries = await office.db.query(
    `select actor_subject as actor from audit_trail where kind = 'delivery.skipped' and subject = $1`,
    [delivery],
  );
  expect(entries).toEqual([{ actor: head.subject }]);
});
