import { setTimeout as delay } from 'node:timers/promises';
import type { Db } from '../../core/platform/db.ts';

const LOOK_EVERY_MS = 200;
const PROGRESS = `
select count(*) > 0 and bool_and(loaded_at is not null) as loaded, coalesce(sum(done), 0) as done,
  string_agg(source || ': ' || last_error, '; ') as errors
from source_feed`;

/** Until every department has been read in once, or somebody wants to stop. Says how far it is when it takes long. */
export async function waitForFirstLoad(db: Db, stopped: Promise<void>, say: (line: string) => void): Promise<void> {
  let stop = false;
  void stopped.then(() => (stop = true));
  let said = 0;
  for (let looks = 0; !stop; looks += 1) {
    const { loaded, done, errors } = await db.one<{ loaded: boolean; done: number; errors: string | null }>(PROGRESS);
    if (loaded) return;
    if (looks * LOOK_EVERY_MS - said >= 5_000) {
      said = looks * LOOK_EVERY_MS;
      say(`Reading the departments in: ${done} records so far${errors ? ` (${errors})` : ''} …`);
    }
    await delay(LOOK_EVERY_MS);
  }
}
