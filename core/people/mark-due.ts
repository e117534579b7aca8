/** A department says that a record has changed: its feed is read at once instead of at the next time. */
import type { CallerOrganisation } from '../access/caller.ts';
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/db.ts';
import { AppError } from '../platform/errors.ts';

export interface RecordChange {
  /** The department's own. */
  readonly key: string;
  readonly kind: string;
  readonly changedAt: string;
}

export type MarkDue = (tx: Tx, organisation: CallerOrganisation, change: RecordChange) => Promise<void>;

const HELD = 'select leased_until > $2 as held from source_feed where source = any($1) order by source for update';

// One that does not answer keeps its back-off: it is read again anyhow, and from where it was left.
const DUE = 'update source_feed set due_at = $2 where source = any($1) and due_at > $2 and attempts = 0';

/**
 * Which record it is does not matter: the feed tells it. FORBIDDEN when no department's records are the organisation's own;
 * retryable while the feed is being read, for who reads may be past this record and sets the next time when done.
 */
export const createMarkDue =
  ({ clock }: { readonly clock: Pick<Clock, 'wall'> }): MarkDue =>
  async (tx, { sources }) => {
    if (sources.length === 0)
      throw new AppError('FORBIDDEN', 'No department’s records are held as your organisation’s own.');
    const now = clock.wall();
    const feeds = await tx.query<{ held: boolean | null }>(HELD, [sources, now]);
    if (feeds.some(({ held }) => held === true))
      throw new AppError('CONFLICT', 'This department is being read in at the moment.', { retryable: true });
    await tx.query(DUE, [sources, now]);
  };
