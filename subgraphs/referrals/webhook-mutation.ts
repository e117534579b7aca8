/** Arranging webhooks: endpoints, secrets, sending again and giving up. A secret is shown once and never stored readable. */
import { actsFor } from '../../core/referrals/side.ts';
import {
  arrangesForAll,
  assertMayArrange,
  registerEndpoint,
  rotateSecret,
  setEnabled,
} from '../../core/delivery/endpoint.ts';
import { issueInboundSecret } from '../../core/delivery/inbound-secret.ts';
import { REPLAYABLE, replayDelivery, replayRange, skipDelivery, type Replayable } from '../../core/delivery/replay.ts';
import type { Tx } from '../../core/platform/db.ts';
import { AppError, badInput } from '../../core/platform/errors.ts';
import { once, type Outcome } from '../../core/platform/idempotency.ts';
import type { EndpointParent, DeliveryParent, ReferralsContext } from './loaders.ts';
import type { MutationResolvers } from './resolver-types.generated.ts';

interface Call {
  readonly operation: string;
  readonly key: string;
  readonly input: unknown;
}

const act = <T>(
  { caller, deps }: ReferralsContext,
  { operation, key, input }: Call,
  run: (tx: Tx) => Promise<T>,
): Promise<Outcome<T>> =>
  deps.db.tx((tx) =>
    once(tx, deps, { organisationId: caller.organisation.id, subject: caller.subject, key, operation, input }, () =>
      run(tx),
    ),
  );

const DEFAULT_OVERLAP_HOURS = 24;

async function endpointAfter(context: ReferralsContext, id: string): Promise<EndpointParent> {
  context.endpoints.clear(id);
  const endpoint = await context.endpoints.load(id);
  if (!endpoint) throw new AppError('NOT_FOUND', 'There is no such endpoint, or not for you.');
  return endpoint;
}

async function deliveryAfter(context: ReferralsContext, id: string): Promise<DeliveryParent> {
  context.deliveries.clear(id);
  const delivery = await context.deliveries.load(id);
  if (!delivery) throw new AppError('NOT_FOUND', 'There is no such delivery, or not for you.');
  return delivery;
}

function replayable(status: string): Replayable {
  const found = REPLAYABLE.find((one) => one === status);
  if (!found) throw badInput('status', `Only these are sent again: ${REPLAYABLE.join(', ')}.`);
  return found;
}

/** Whose secret it is to issue: the organisation's own, one above it in the same department, or the centre. */
async function requireOwn(context: ReferralsContext, organisationId: string): Promise<void> {
  const { caller } = context;
  const organisation = await context.organisations.load(organisationId);
  if (!organisation || !(arrangesForAll(caller) || actsFor(caller, organisation.path)))
    throw new AppError('NOT_FOUND', 'There is no such organisation, or it is not yours.');
}

export const webhookMutations: MutationResolvers = {
  async registerWebhookEndpoint(_, { input, idempotencyKey }, context) {
    const { caller, deps } = context;
    // Beside what is remembered of the call: a repetition finds the endpoint, not its secret.
    let secret: string | null = null;
    const call = { operation: 'registerWebhookEndpoint', key: idempotencyKey, input };
    const { result, replayed } = await act(context, call, async (tx) => {
      const { organisation, url, types, signing } = input;
      const made = await registerEndpoint(tx, deps.endpoints, caller, {
        organisation,
        url,
        types,
        signing: signing ?? 'V1',
      });
      secret = made.secret;
      return { id: made.endpoint.id };
    });
    return { endpoint: await endpointAfter(context, result.id), secret, replayed };
  },

  async rotateWebhookSecret(_, { id, overlapHours, idempotencyKey }, context) {
    const { caller, deps } = context;
    let secret: string | null = null;
    const call = { operation: 'rotateWebhookSecret', key: idempotencyKey, input: { id, overlapHours } };
    const { replayed } = await act(context, call, async (tx) => {
      ({ secret } = await rotateSecret(tx, deps.endpoints, caller, id, overlapHours ?? DEFAULT_OVERLAP_HOURS));
      return { id };
    });
    return { endpoint: await endpointAfter(context, id), secret, replayed };
  },

  async setWebhookEndpointEnabled(_, { id, enabled, idempotencyKey }, context) {
    const { caller, deps } = context;
    const call = { operation: 'setWebhookEndpointEnabled', key: idempotencyKey, input: { id, enabled } };
    const { replayed } = await act(context, call, async (tx) => {
      await setEnabled(tx, deps.endpoints, caller, id, enabled);
      return { id };
    });
    return { endpoint: await endpointAfter(context, id), secret: null, replayed };
  },

  async issueInboundSecret(_, { organisation, overlapHours, idempotencyKey }, context) {
    const { caller, deps } = context;
    let secret: string | null = null;
    const call = { operation: 'issueInboundSecret', key: idempotencyKey, input: { organisation, overlapHours } };
    const { replayed } = await act(context, call, async (tx) => {
      assertMayArrange(caller);
      await requireOwn(context, organisation);
      const issue = {
        organisationId: organisation,
        overlapHours: overlapHours ?? DEFAULT_OVERLAP_HOURS,
        actor: caller,
      };
      secret = await issueInboundSecret(tx, deps, issue);
      return { organisation };
    });
    return { organisation: { id: organisation }, secret, replayed };
  },

  async replayWebhookDelivery(_, { id, idempotencyKey }, context) {
    const { caller, deps } = context;
    const call = { operation: 'replayWebhookDelivery', key: idempotencyKey, input: { id } };
    const { result, replayed } = await act(context, call, async (tx) => ({
      looks: (await replayDelivery(tx, deps, caller, id)).looks,
    }));
    if (!replayed) deps.announceDeliveries(result.looks);
    return { delivery: await deliveryAfter(context, id), replayed };
  },

  async replayWebhookDeliveries(_, { endpoint, since, status, idempotencyKey }, context) {
    const { caller, deps } = context;
    const call = { operation: 'replayWebhookDeliveries', key: idempotencyKey, input: { endpoint, since, status } };
    const { result, replayed } = await act(context, call, async (tx) => {
      const range = { endpoint, since, status: replayable(status ?? 'FAILED') };
      return replayRange(tx, deps, caller, range);
    });
    if (!replayed) deps.announceDeliveries(result.looks);
    return { queued: result.count, replayed };
  },

  async skipWebhookDelivery(_, { id, reason, idempotencyKey }, context) {
    const { caller, deps } = context;
    const call = { operation: 'skipWebhookDelivery', key: idempotencyKey, input: { id, reason } };
    const { result, replayed } = await act(context, call, async (tx) => ({
      looks: await skipDelivery(tx, deps, caller, id, reason),
    }));
    if (!replayed) deps.announceDeliveries(result.looks);
    return { delivery: await deliveryAfter(context, id), replayed };
  },
};
