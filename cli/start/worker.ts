/** The worker: reads departments in when they are due. */
import { isInForce } from '../../core/access/agreement.ts';
import { gatherDisputes } from '../../core/disputes/gather-disputes.ts';
import { createReadIn, type ReadIn } from '../../core/people/read-in.ts';
import { legalDay } from '../../core/platform/clock.ts';
import { createQueues } from '../../core/platform/queue.ts';
import { createIngestWorker } from '../../worker/ingest.ts';
import type { Closing } from './closing.ts';
import { namedDepartments, type OpenDepartment } from './departments.ts';
import type { Foundation } from './foundation.ts';

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

export async function startWorker(foundation: Foundation, open: OpenDepartment, closing: Closing): Promise<void> {
  const { db, log, config, databaseUrl } = foundation;
  const queues = await createQueues({ databaseUrl, redisUrl: config.redisUrl, log });
  closing.add(() => queues.close());
  const worker = createIngestWorker({ queues, readIn: openReadIn(foundation, open), db, log });
  closing.add(() => worker.stop());
}
