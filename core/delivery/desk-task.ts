/** Tasks of the centre's desk: telephone whoever cannot be reached by webhook in time. The message stays queued. */
import { audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Db } from '../platform/db.ts';
import { newId } from '../platform/id.ts';

/** More than one look can open; the next goes on. */
const AT_ONCE = 500;

const DUE = `
select id, referral_id as "referralId", endpoint_id as "endpointId", status from delivery
where desk_due_at <= $1 and desk_due_at is not null and desk_task_at is null and status not in ('DELIVERED', 'SKIPPED')
order by desk_due_at limit $2 for update skip locked`;

const OPEN = `
with marked as (update delivery set desk_task_at = $4 where id = any ($2))
insert into desk_task (id, delivery_id, referral_id, reason, opened_at)
select id, delivery, referral, 'UNDELIVERED', $4 from unnest($1::text[], $2::text[], $3::text[]) as t(id, delivery, referral)`;

/** Opens what is due by the business clock, each once, with its audit entry. Returns how many. */
export async function openDeskTasks(db: Db, clock: Clock): Promise<number> {
  return db.tx(async (tx) => {
    const due = await tx.query<{ id: string; referralId: string | null; endpointId: string; status: string }>(DUE, [
      ...[clock.business(), AT_ONCE],
    ]);
    if (due.length === 0) return 0;
    const at = clock.wall();
    const tasks = due.map((delivery) => ({ task: newId('dlv', at), ...delivery }));
    await tx.query(OPEN, [
      tasks.map(({ task }) => task),
      tasks.map(({ id }) => id),
      tasks.map(({ referralId }) => referralId),
      clock.business(),
    ]);
    const entries = tasks.map(({ task, id, referralId, endpointId, status }) => ({
      ...{ kind: 'desk_task.opened', subject: task, actor: null, at },
      body: { delivery: id, referral: referralId, endpoint: endpointId, status },
    }));
    await audit.append(tx, ...entries);
    return tasks.length;
  });
}
