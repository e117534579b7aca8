/** Webhooks both ways, between the running installation and a department's own system. */
import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openHookReceiver, type HookReceiver } from '../kit/hook-receiver.ts';
import { openInstallation, until, type Installation } from '../kit/installation.ts';
import { createReferralDesk, type ReferralDesk, type ShownReferral } from '../kit/referral-desk.ts';
import { handlerOf, OPERATOR } from './county.ts';

let installation: Installation;
let desk: ReferralDesk;
let receiver: HookReceiver;
let inboundSecret: string;

const HEAD = handlerOf('police', { roles: ['department.head'] });

interface Shown {
  readonly endpoint: { readonly id: string; readonly url: string; readonly types: readonly string[] };
  readonly secret: string | null;
  readonly replayed: boolean;
}

beforeAll(async () => {
  const { dataFolder, url } = inject('installation');
  installation = await openInstallation(dataFolder, url);
  desk = createReferralDesk(installation, OPERATOR);
  receiver = await openHookReceiver();
});
afterAll(async () => {
  await receiver.close();
  await installation.close();
});

const REGISTER = `mutation ($input: WebhookEndpointInput!, $key: String!) {
  registerWebhookEndpoint(input: $input, idempotencyKey: $key) { endpoint { id url types } secret replayed } }`;

const send = async (
  type: string,
  data: object,
  id = `msg_${randomUUID()}`,
): Promise<{ status: number; body: unknown }> => {
  const body = JSON.stringify({ type, timestamp: new Date().toISOString(), data });
  const at = new Date();
  const response = await fetch(new URL('/webhooks/in/police', inject('installation').url), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(inboundSecret).sign(id, at, body),
    },
    body,
  });
  return { status: response.status, body: await response.json() };
};

const toPolice = async (): Promise<ShownReferral> =>
  desk.mustOpen(OPERATOR, {
    dispute: await desk.openDispute(),
    kind: 'ASSIGN',
    lead: await desk.idOf('police'),
    summary: '请派出所先行调解。',
  });

const takenOf = (referral: string) => receiver.taken.filter(({ body }) => body.data['referral'] === referral);

describe('Webhooks', () => {
  test('an endpoint is registered once per key; its secret is shown the first time only', async () => {
    const input = { organisation: await desk.idOf('police'), url: receiver.url, types: ['referral.*'] };
    const key = randomUUID();
    const ask = async (): Promise<Shown> =>
      (await installation.ask<{ registerWebhookEndpoint: Shown }>(HEAD, REGISTER, { input, key })).data
        .registerWebhookEndpoint;
    const first = await ask();
    expect(first).toMatchObject({ replayed: false, secret: expect.stringMatching(/^whsec_/) as string });
    expect(await ask()).toEqual({ ...first, secret: null, replayed: true });
    receiver.trust(first.secret ?? '');
    const { data } = await installation.ask<{ issueInboundSecret: { secret: string } }>(
      HEAD,
      'mutation ($org: ID!, $key: String!) { issueInboundSecret(organisation: $org, idempotencyKey: $key) { secret } }',
      { org: input.organisation, key: randomUUID() },
    );
    inboundSecret = data.issueInboundSecret.secret;
  });

  test('a referral arrives signed, is accepted and answered by the department’s system, and every step is told in order', async () => {
    const referral = await toPolice();
    const [dispatched] = await until('the referral has arrived', async () => {
      const taken = takenOf(referral.id);
      return taken.length > 0 ? taken : null;
    });
    expect(dispatched).toMatchObject({
      verified: true,
      body: { type: 'referral.dispatched', sequence: 1, data: { number: referral.number, version: 1 } },
    });
    expect(JSON.stringify(dispatched)).not.toContain('欧阳');
    const id = `msg_${randomUUID()}`;
    expect(await send('referral.accept', { id: referral.id }, id)).toMatchObject({ status: 202 });
    expect(await send('referral.progress', { id: referral.id, note: '已联系双方。' })).toMatchObject({
      status: 202,
    });
    const handled = await until('both are applied', async () => {
      const now = await desk.read(OPERATOR, referral.id);
      return now?.status === 'IN_HANDLING' ? now : null;
    });
    expect(handled.responsible?.code).toBe('police');
    const types = await until('the steps have been told', async () => {
      const taken = takenOf(referral.id);
      return taken.length >= 3 ? taken : null;
    });
    expect(types.map(({ body }) => [body.sequence, body.type])).toEqual([
      [1, 'referral.dispatched'],
      [2, 'referral.accepted'],
      [3, 'referral.progress'],
    ]);
  });

  test('what cannot be applied is kept with its reason, and told', async () => {
    const referral = await toPolice();
    expect(
      await send('referral.feedback', {
        id: referral.id,
        outcome: 'SETTLED',
        text: '好了',
        partiesInformed: [{ party: '申请人', how: '电话', at: '2026-01-05T09:00:00+08:00' }],
      }),
    ).toMatchObject({ status: 202 });
    const told = await until(
      'it is told',
      async () => takenOf(referral.id).find(({ body }) => body.type === 'referral.rejected_input') ?? null,
    );
    expect(told.verified).toBe(true);
    const { data } = await installation.ask<{
      webhookDeliveries: { nodes: { status: string; reason: string; direction: string; referral: { id: string } }[] };
    }>(
      HEAD,
      'query ($id: ID!) { webhookDeliveries(filter: { referral: $id }) { nodes { direction status reason type attempts { httpStatus } referral { id } } } }',
      { id: referral.id },
    );
    expect(data.webhookDeliveries.nodes.find(({ direction }) => direction === 'IN')).toMatchObject({
      status: 'REJECTED',
      reason: expect.stringMatching(/^ILLEGAL_TRANSITION/) as string,
    });
    expect(data.webhookDeliveries.nodes.filter(({ direction }) => direction === 'OUT').length).toBeGreaterThan(0);
  });

  test('a stranger and a wrong signature are one and the same to whoever asks', async () => {
    const known = inboundSecret;
    inboundSecret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    expect(await send('referral.accept', { id: 'ref_x' })).toMatchObject({ status: 401 });
    inboundSecret = known;
  });
});
