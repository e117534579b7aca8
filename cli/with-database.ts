/** For commands of the operator's that work on the database alone, whatever else runs or not. */
import { systemClock, type Clock } from '../core/platform/clock.ts';
import { loadConfig, type Config } from '../core/platform/config.ts';
import type { Db } from '../core/platform/db.ts';
import type { Log } from '../core/platform/log.ts';
import { createDemoClock } from '../demo/clock.ts';
import { demoFolders } from './demo-config.ts';
import { openLog } from './log.ts';
import { createClosing, type Closing } from './start/closing.ts';
import { openDatabase } from './start/foundation.ts';

export interface Opened {
  readonly config: Config;
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly closing: Closing;
}

/** At this version's schema. */
export async function withDatabase<T>(run: (opened: Opened) => Promise<T>): Promise<T> {
  const config = loadConfig(process.env);
  const { log, close: closeLog } = openLog(config, process.stderr);
  const closing = createClosing();
  try {
    const { db } = await openDatabase(config, log, closing);
    const clock = config.demo ? createDemoClock(demoFolders(config).clock) : systemClock;
    return await run({ config, db, clock, log, closing });
  } finally {
    await closing.close(log);
    await closeLog();
  }
}

export const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
