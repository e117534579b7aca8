/** Keeps the log going: entries into the tree, the tree's head out to everybody. One process at a time does it (worker/audit.ts). */
import type { Clock } from '../platform/clock.ts';
import { assertContinues, publish, type PublishDeps } from './publish.ts';
import { foundLog, sequenceRound, type Head } from './sequence.ts';

export interface SequencerDeps extends PublishDeps {
  /** The log's name, should this be its first start. */
  readonly origin: string;
  readonly clock: Pick<Clock, 'wall'>;
}

export interface Sequencer {
  /** Until nothing waits. Throws when the database is not the one whose checkpoints were published, and adds nothing to it. */
  run(signal?: AbortSignal): Promise<void>;
}

const WAITS = `
select not exists (select from audit_head) or exists (select from audit_entry)
  or exists (select from audit_head where note_size < size or note = '') as waits`;

export function createSequencer(deps: SequencerDeps): Sequencer {
  const { db, anchor, clock, origin } = deps;
  /** Whether this is the tree that was published: asked at first, and again after anything went wrong. */
  let isChecked = false;

  async function runChecked(signal?: AbortSignal): Promise<void> {
    const { waits } = await db.one<{ waits: boolean }>(WAITS, []);
    if (!waits && isChecked) return;
    if (!isChecked) await foundLog(db, origin, clock.wall());
    for (let isFull = true; isFull && !signal?.aborted;) {
      // Each time: the database may have been replaced by an older one (a standby that lagged behind) without a fault here.
      const head = await db.one<Head>('select origin, size, root from audit_head', []);
      await assertContinues(db, anchor, head);
      isChecked = true;
      const round = await sequenceRound(db, clock.wall());
      await publish(deps, round.head);
      isFull = round.isFull;
    }
  }

  return {
    async run(signal) {
      try {
        await runChecked(signal);
      } catch (error) {
        isChecked = false;
        throw error;
      }
    },
  };
}
