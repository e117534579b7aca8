/**
 * Tasks of the centre's desk: telephone whoever cannot be reached by webhook in time. Each is an event of its referral as well.
 * The message stays queued.
 */
import { audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Db, Tx } from '../platform/db.ts';
import { newId } from '../platform/id.ts';
import { isBarred } from './receiver.ts';
import type { SuperviseUndelivered } from '../referrals/supervise-undelivered.ts';

export interface DeskTaskDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly supervise: SuperviseUndelivered;
}

/** More than one look can open; the next goes on. */
const AT_ONCE = 500;

const IS_DUE = `desk_due_at <= $1 and desk_due_at is not null and desk_task_at is null and status not in ('DELIVERED', 'SKIPPED')`;

const REFERRALS = `
select distinct referral_id as id from (
  select d.referral_id from delivery d join webhook_endpoint e on e.id = d.endpoint_id join organisation o on o.id = e.organisation_id
  where ${IS_DUE} and not ${isBarred('d.dispute_id', 'o.path')} order by d.desk_due_at limit $2
) due where referral_id is not null order by id`;

// The referral first, as with every act.
const HOLD = 'select from referral where id = $1 for no key update';

const DUE = `
select d.id, e.id as "endpointId", e.organisation_id as "organisationId", d.status
from delivery d join webhook_endpoint e on e.id = d.endpoint_id
join organisation o on o.id = e.organisation_id
where d.referral_id = $2 and ${IS_DUE} and not ${isBarred('d.dispute_id', 'o.path')} order by d.desk_due_at, d.position for no key update of d skip locked`;

const OPEN = `
with marked as (update delivery set desk_task_at = $4 where id = any ($2))
insert into desk_task (id, delivery_id, referral_id, reason, opened_at)
select id, delivery, $3, 'UNDELIVERED', $4 from unnest($1::text[], $2::text[]) as t(id, delivery)`;

interface Due {
  readonly id: string;
  readonly endpointId: string;
  readonly organisationId: string;
  readonly status: string;
}

async function openOfReferral(tx: Tx, { clock, supervise }: DeskTaskDeps, referralId: string): Promise<number> {
  await tx.query(HOLD, [referralId]);
  const due = await tx.query<Due>(DUE, [clock.business(), referralId]);
  if (due.length === 0) return 0;
  const at = clock.wall();
  const tasks = due.map((delivery) => ({ task: newId('dlv', at), ...delivery }));
  await tx.query(OPEN, [tasks.map(({ task }) => task), tasks.map(({ id }) => id), referralId, clock.business()]);
  const entries = tasks.map(({ task, id, endpointId, status }) => ({
    ...{ kind: 'desk_task.opened', subject: task, actor: null, at },
    body: { delivery: id, referral: referralId, endpoint: endpointId, status },
  }));
  await audit.append(tx, ...entries);
  const undelivered = due.map(({ id, organisationId }) => ({ deliveryId: id, organisationId }));
  await supervise(tx, referralId, undelivered);
  return tasks.length;
  // Crash before the end of this: neither task nor event, and the next look finds it due. After it: both, and not due again.
}

/** Opens what is due by the business clock, each once, with its audit entry and its event. Returns how many. */
export async function openDeskTasks(deps: DeskTaskDeps): Promise<number> {
  const { db, clock } = deps;
  const referrals = await db.query<{ id: string }>(REFERRALS, [clock.business(), AT_ONCE]);
  let opened = 0;
  for (const { id } of referrals) opened += await db.tx((tx) => openOfReferral(tx, deps, id));
  return opened;
}
