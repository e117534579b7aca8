/** Webhooks as people look at them: where messages go, and what became of each. */
import { z } from 'zod';
import { sightOf } from '../../core/access/role-view.ts';
import { listInbox, INBOX_STATUSES, type InboundDelivery } from '../../core/delivery/read-inbox.ts';
import { DELIVERY_STATUSES, readDeliveries, type ReadDelivery } from '../../core/delivery/read-deliveries.ts';
import { openCursor, pageSize, sealCursor, USUAL_PAGE } from '../../core/platform/cursor.ts';
import { badInput } from '../../core/platform/errors.ts';
import { toConnection, type Connection } from '../kit/connection.ts';
import type { Page } from './list.ts';
import type { DeliveryParent, ReferralsContext } from './loaders.ts';
import type {
  DeliveryFilter,
  QueryResolvers,
  WebhookDeliveryResolvers,
  WebhookEndpointResolvers,
} from './resolver-types.generated.ts';

const LIST = 'webhookDeliveries';

/** How far each of the two lists has been read: they are merged by time. */
interface Reached {
  readonly before: number | null;
  readonly after: { readonly at: Date; readonly id: string } | null;
}

const toText = ({ before, after }: Reached): string => JSON.stringify([before, after?.at.toISOString() ?? null]);

const ReachedText = z.tuple([z.int().nullable(), z.iso.datetime().nullable()]);

/** Sealed by us, but perhaps by a program of another version. */
function reachedBy(sort: string, id: string): Reached {
  try {
    const [before, at] = ReachedText.parse(JSON.parse(sort));
    return { before, after: at === null ? null : { at: new Date(at), id } };
  } catch {
    throw badInput('after', 'This cursor does not belong to this list; begin again without `after`.');
  }
}

const among = <T extends string>(asked: readonly string[] | null | undefined, known: readonly T[]): T[] | undefined =>
  asked ? known.filter((one) => asked.includes(one)) : undefined;

async function readOut(
  { deps: { db }, caller }: ReferralsContext,
  filter: DeliveryFilter,
  { before }: Reached,
  limit: number,
): Promise<ReadDelivery[]> {
  const status = among(filter.status, DELIVERY_STATUSES);
  if (filter.direction === 'IN' || status?.length === 0) return [];
  return readDeliveries(db, caller, {
    ...(status && { status }),
    ...(filter.endpoint && { endpoint: filter.endpoint }),
    ...(filter.referral && { referral: filter.referral }),
    ...(filter.since && { since: filter.since }),
    ...(before !== null && { before }),
    limit,
  });
}

async function readIn(
  { deps: { db }, caller }: ReferralsContext,
  filter: DeliveryFilter,
  { after }: Reached,
  limit: number,
): Promise<InboundDelivery[]> {
  const accepted = filter.status?.map((one) => (one === 'PENDING' ? 'ACCEPTED' : one));
  const status = among(accepted, INBOX_STATUSES);
  if (filter.direction === 'OUT' || filter.endpoint || status?.length === 0) return [];
  return listInbox(
    db,
    { id: sightOf(caller, 'webhook').organisationId },
    {
      ...(status && { status }),
      ...(filter.referral && { referralId: filter.referral }),
      ...(filter.since && { since: filter.since }),
      ...(after && { after }),
      limit,
    },
  );
}

async function deliveries(
  context: ReferralsContext,
  filter: DeliveryFilter,
  { first, after }: Page,
): Promise<Connection<DeliveryParent>> {
  const { keyring } = context.deps;
  const size = pageSize(first, USUAL_PAGE);
  const position = after ? openCursor(keyring, LIST, after) : null;
  let reached: Reached = position ? reachedBy(position.sort, position.id) : { before: null, after: null };
  const [out, inbound] = await Promise.all([
    readOut(context, filter, reached, size + 1),
    readIn(context, filter, reached, size + 1),
  ]);
  const merged = [
    ...out.map((one): DeliveryParent => ({ ...one, direction: 'OUT' })),
    ...inbound.map((one): DeliveryParent => ({ ...one, direction: 'IN' })),
  ].sort((a, b) => b.at.getTime() - a.at.getTime());
  const nodes = merged.slice(0, size);
  const cursors = new Map<DeliveryParent, Reached>();
  for (const node of nodes) {
    reached =
      node.direction === 'OUT'
        ? { ...reached, before: node.position }
        : { ...reached, after: { at: node.at, id: node.id } };
    cursors.set(node, reached);
  }
  return toConnection({
    nodes,
    cursorOf: (node) => {
      const at = cursors.get(node) ?? reached;
      return sealCursor(keyring, LIST, { sort: toText(at), id: at.after?.id ?? '' });
    },
    hasNextPage: merged.length > size,
    hasPreviousPage: position !== null,
    totalCount: null,
  });
}

export const webhookQueries: Pick<QueryResolvers, 'webhookEndpoints' | 'webhookDeliveries'> = {
  webhookEndpoints: (_, __, context) => context.allEndpoints(),
  webhookDeliveries: (_, { filter, ...page }, context) => deliveries(context, filter ?? {}, page),
};

export const WebhookEndpoint: WebhookEndpointResolvers = {
  organisation: ({ organisationId }) => ({ id: organisationId }),
  types: ({ types }) => [...types],
};

export const WebhookDelivery: WebhookDeliveryResolvers = {
  endpoint: (delivery, _, context) =>
    delivery.direction === 'OUT' ? context.endpoints.load(delivery.endpointId) : null,
  sequence: (delivery) => (delivery.direction === 'OUT' ? delivery.sequence : null),
  // What has come in and is not yet applied waits to be.
  status: (delivery) => (delivery.status === 'ACCEPTED' ? 'PENDING' : delivery.status),
  attempts: async (delivery, _, context) =>
    delivery.direction === 'OUT' ? [...(await context.attempts.load(delivery.id))] : [],
  referral: ({ referralId }, _, context) => (referralId === null ? null : context.referrals.load(referralId)),
};
