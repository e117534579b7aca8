/** A month's entries lie in a partition of their own, so that what need not be kept any longer can be dropped as one. */
import type { Tx } from '../platform/db.ts';

interface Month {
  readonly month: string;
  readonly firstIndex: number;
}

const LAST = `select month, first_index as "firstIndex" from audit_month order by first_index desc limit 1`;

const partitionOf = (month: string): string => `audit_leaf_${month.slice(0, 7).replace('-', '_')}`;

/**
 * Call under the head's lock. The last partition has no upper bound; when another month begins it gets one. Its entries are
 * checked against that bound while they can be read, so that taking it out and putting it back takes a moment only.
 */
export async function startMonth(tx: Tx, now: Date, size: number): Promise<void> {
  const month = `${now.toISOString().slice(0, 7)}-01`;
  const last = await tx.maybeOne<Month>(LAST, []);
  if (last && (last.month >= month || last.firstIndex === size)) return;
  // Somebody reads (a backup, for hours): the last month goes on meanwhile, and neither the log nor its readers wait.
  if (last && !(await tryAlone(tx))) return;
  if (last) await bound(tx, last, size);
  await tx.query(`create table ${partitionOf(month)} partition of audit_leaf for values from (${size}) to (maxvalue)`);
  await tx.query('insert into audit_month (month, first_index) values ($1, $2)', [month, size]);
}

const TRY_ALONE = `do $$ begin
  lock table audit_leaf in access exclusive mode nowait;
exception when lock_not_available then null;
end $$`;
const IS_ALONE = `select exists (select from pg_locks where pid = pg_backend_pid() and relation = 'audit_leaf'::regclass
  and mode = 'AccessExclusiveLock' and granted) as alone`;

async function tryAlone(tx: Tx): Promise<boolean> {
  await tx.query(TRY_ALONE, []);
  return (await tx.one<{ alone: boolean }>(IS_ALONE, [])).alone;
}

async function bound(tx: Tx, { month, firstIndex }: Month, size: number): Promise<void> {
  const partition = partitionOf(month);
  await tx.query(
    `alter table ${partition} add constraint bounds check (index is not null and index >= ${firstIndex} and index < ${size}) not valid`,
  );
  await tx.query(`alter table ${partition} validate constraint bounds`);
  await tx.query(`alter table audit_leaf detach partition ${partition}`);
  await tx.query(`alter table audit_leaf attach partition ${partition} for values from (${firstIndex}) to (${size})`);
  await tx.query(`alter table ${partition} drop constraint bounds`);
}
