/** Gives audit entries their places in the log. A timer, not a queue: emptying Redis must not stop the log. */
import type { Sequencer } from '../core/audit/sequencer.ts';
import type { Db } from '../core/platform/db.ts';
import type { Log } from '../core/platform/log.ts';
import { startSweep } from './sweep.ts';

export interface AuditWorkerDeps {
  readonly db: Db;
  readonly sequencer: Sequencer;
  readonly log: Log;
  /** Milliseconds between two looks. */
  readonly everyMs?: number;
}

export interface AuditWorker {
  stop(): Promise<void>;
}

/** Held by the one process that sequences. */
export const AUDIT_LOCK = 'audit.sweep';

/** An entry is in a published checkpoint within a second of its commit. */
const EVERY_MS = 200;

export function createAuditWorker({ db, sequencer, log, everyMs = EVERY_MS }: AuditWorkerDeps): AuditWorker {
  return startSweep({ db, name: 'audit', everyMs, log, sweep: (signal) => sequencer.run(signal) });
}
