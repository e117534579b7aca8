/** Attempts and what departments' systems sent are kept for 90 days; the deliveries themselves, and what was done, stay. */
import type { Queryable } from '../platform/db.ts';

const KEPT_MS = 90 * 24 * 60 * 60 * 1_000;

/** In pieces, so that no lock lasts long. */
const AT_ONCE = 5_000;

const ATTEMPTS = `
with old as (delete from delivery_attempt where id in (
  select id from delivery_attempt where at < $1 order by at limit $2) returning 1)
select count(*) as count from old`;

// With its id: so long a sender may repeat a message and be told `duplicate`. What is not settled is never forgotten.
const INBOX = `
with old as (delete from inbox where id in (
  select id from inbox where received_at < $1 and status in ('APPLIED', 'REJECTED') order by received_at limit $2) returning 1)
select count(*) as count from old`;

const forget = async (q: Queryable, statement: string, now: Date): Promise<number> =>
  (await q.one<{ count: number }>(statement, [new Date(now.getTime() - KEPT_MS), AT_ONCE])).count;

/** Returns how many are gone; call again until it is none. */
export const forgetAttempts = (q: Queryable, now: Date): Promise<number> => forget(q, ATTEMPTS, now);

/** The same of messages that came in and are applied or rejected. */
export const forgetInbox = (q: Queryable, now: Date): Promise<number> => forget(q, INBOX, now);
