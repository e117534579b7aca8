/** Disclosures are kept in partitions, one for each month of UTC. */
import type { Queryable } from '../platform/db.ts';

const LOCK = 'maplebridge.disclosure-month';

/** The first instant of the month `later` months after that of `at`. */
const monthOf = (at: Date, later = 0): Date => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + later, 1));

/** `disclosure_2026_11` */
export const disclosureMonth = (at: Date): string => `disclosure_${at.toISOString().slice(0, 7).replace('-', '_')}`;

/** Makes the month's partition where there is none yet; two at once agree. */
export async function makeDisclosureMonth(q: Queryable, at: Date): Promise<void> {
  const name = disclosureMonth(at);
  const { made } = await q.one<{ made: boolean }>('select to_regclass($1) is not null as made', [name]);
  if (made) return;
  // One message, so one transaction where none is open: the lock is held until the partition is there.
  await q.query(`
    select pg_advisory_xact_lock(hashtextextended('${LOCK}', 0));
    create table if not exists ${name} partition of disclosure
      for values from ('${monthOf(at).toISOString()}') to ('${monthOf(at, 1).toISOString()}')`);
}

/** This month's and the next two: a month never begins without its partition, also when nobody tidies for weeks. */
export async function makeDisclosureMonths(q: Queryable, now: Date): Promise<void> {
  for (const later of [0, 1, 2]) await makeDisclosureMonth(q, monthOf(now, later));
}
