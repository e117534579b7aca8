/** Webhooks both ways: what sends messages to departments' systems, and what takes theirs. */
import { createApplyInbound, type ApplyInbound } from '../../core/delivery/apply-inbound.ts';
import { createDeliver, type Deliver } from '../../core/delivery/deliver.ts';
import { createDispatch, type Dispatch } from '../../core/delivery/dispatch.ts';
import type { EndpointDeps } from '../../core/delivery/endpoint.ts';
import type { Look } from '../../core/delivery/lane.ts';
import { createReceive, type Receive } from '../../core/delivery/receive.ts';
import { createTargetPolicy } from '../../core/delivery/target.ts';
import { createWebhookClient } from '../../core/delivery/webhook-client.ts';
import { createOpenFromOutside } from '../../core/disputes/open-from-outside.ts';
import { createMarkDue } from '../../core/people/mark-due.ts';
import { describeError } from '../../core/platform/log.ts';
import type { Queues } from '../../core/platform/queue.ts';
import { createCarrying } from './carrying.ts';
import type { Closing } from './closing.ts';
import type { Foundation } from './foundation.ts';

/** To one endpoint's host at once. */
const CONNECTIONS = 16;

export function createOutgoing(
  foundation: Foundation,
  closing: Closing,
): { readonly dispatch: Dispatch; readonly deliver: Deliver } {
  const { db, keyring, clock, config } = foundation;
  const policy = createTargetPolicy({ allow: config.webhookAllow });
  const client = createWebhookClient({ policy, clock, connections: CONNECTIONS });
  closing.add(() => client.close());
  return {
    dispatch: createDispatch({ db, clock, url: new URL('/graphql', config.publicUrl).href }),
    deliver: createDeliver({ db, keyring, clock, client, random: Math.random }),
  };
}

/** What `subgraphs/referrals` arranges endpoints with. */
export const endpointDeps = ({ keyring, clock, config }: Foundation): EndpointDeps => ({
  keyring,
  clock,
  policy: createTargetPolicy({ allow: config.webhookAllow }),
});

export const announcingDeliveries =
  ({ log }: Pick<Foundation, 'log'>, queues: Queues) =>
  (looks: readonly Look[]): void => {
    for (const { id, attempts } of looks) {
      queues
        .queue('deliver')
        .announce(id, attempts)
        .catch((error: unknown) =>
          log.warn({ queue: 'deliver', error: describeError(error) }, 'could not be said at once; the sweep will'),
        );
    }
  };

export function createInbound(foundation: Foundation): ApplyInbound {
  const { db, keyring, clock } = foundation;
  const { engine } = createCarrying(foundation);
  return createApplyInbound({
    ...{ db, keyring, clock, engine },
    openDispute: createOpenFromOutside({ keyring, clock }),
    recordChanged: createMarkDue({ clock }),
  });
}

export const createReceiving = ({ db, keyring, clock, log }: Foundation, queues: Queues): Receive =>
  createReceive({ db, keyring, clock, log, announce: (id) => queues.queue('inbox').announce(id, 0) });
