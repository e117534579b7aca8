/** The worker: reads departments in, lets clocks speak, sends and applies messages, when they are due. */
import { isInForce } from '../../core/access/agreement.ts';
import { createDisputeComparing, type DisputeComparing } from '../../core/disputes/compare-disputes.ts';
import { gatherDisputes } from '../../core/disputes/gather-disputes.ts';
import { shippedLinkRule } from '../../core/disputes/link-rule.ts';
import { createReadIn, type ReadIn } from '../../core/people/read-in.ts';
import { legalDay } from '../../core/platform/clock.ts';
import type { Queues } from '../../core/platform/queue.ts';
import { createSuperviseUndelivered } from '../../core/referrals/supervise-undelivered.ts';
import { createAuditWorker } from '../../worker/audit.ts';
import { createClocksWorker } from '../../worker/clocks.ts';
import { createDeliverWorker } from '../../worker/deliver.ts';
import { createDispatchWorker } from '../../worker/dispatch.ts';
import { createInboxWorker } from '../../worker/inbox.ts';
import { createIngestWorker } from '../../worker/ingest.ts';
import { createTidyWorker } from '../../worker/tidy.ts';
import { createLogSequencer } from './audit-log.ts';
import { createCarrying } from './carrying.ts';
import type { Closing } from './closing.ts';
import { createInbound, createOutgoing } from './delivery.ts';
import { namedDepartments, type OpenDepartment } from './departments.ts';
import type { Foundation } from './foundation.ts';
import { openQueues } from './queues.ts';

/** The demo does not wait for an hour to notice a changed petition. */
const DEMO_INTERVALS = { COURTS: 10_000, POLICE: 10_000, PETITIONS: 30_000, CIVIL_AFFAIRS: 10_000 };

export function openReadIn(foundation: Foundation, open: OpenDepartment): ReadIn {
  const { db, keyring, clock, log, demo } = foundation;
  return createReadIn({
    db,
    keyring,
    clock,
    log,
    departments: namedDepartments(foundation.departmentSettings).map((name) => open(name)),
    gatherDisputes,
    hasBasis: (source) => isInForce(db, source, legalDay(clock.business())),
    ...(demo ? { intervals: DEMO_INTERVALS } : {}),
  });
}

export const openDisputeComparing = ({ db, keyring, clock, selfJoining }: Foundation): DisputeComparing =>
  createDisputeComparing({ db, keyring, clock, rule: shippedLinkRule(), selfJoining });

/** The workers that carry referrals: what one of them leaves to another goes straight to it. */
export function startCarriers(foundation: Foundation, queues: Queues, closing: Closing): void {
  const { db, log, clock, keyring } = foundation;
  const carrying = createCarrying(foundation);
  const { engine } = carrying;
  const { dispatch, deliver } = createOutgoing(foundation, closing);
  const supervise = createSuperviseUndelivered({ keyring, clock, ...carrying });
  const delivering = createDeliverWorker({ queues, deliver, supervise, db, clock, log });
  closing.add(() => delivering.stop());
  const dispatching = createDispatchWorker({
    ...{ queues, dispatch, db, log },
    deliver: (id, attempt) => delivering.take(id, attempt),
  });
  closing.add(() => dispatching.stop());
  const announce = (lane: string): Promise<void> => dispatching.take(lane, 0);
  const inbox = createInboxWorker({ queues, db, log, inbound: createInbound(foundation), announce });
  closing.add(() => inbox.stop());
  const clocks = createClocksWorker({ queues, engine, db, clock, log, announce });
  closing.add(() => clocks.stop());
}

export async function startWorker(foundation: Foundation, open: OpenDepartment, closing: Closing): Promise<void> {
  const { db, log, clock } = foundation;
  const queues = await openQueues(foundation, closing);
  const ingest = createIngestWorker({
    ...{ queues, db, log },
    readIn: openReadIn(foundation, open),
    disputes: openDisputeComparing(foundation),
  });
  closing.add(() => ingest.stop());
  startCarriers(foundation, queues, closing);
  const sequencing = createAuditWorker({ db, log, sequencer: createLogSequencer(foundation, closing) });
  closing.add(() => sequencing.stop());
  const tidying = createTidyWorker({ db, clock, log, rules: createCarrying(foundation).rules });
  closing.add(() => tidying.stop());
}
