/**
 * How departments are, told across processes: a service that asks a department writes down how that went, and an oversight
 * in another process reads it. In one process nobody needs this.
 */
import type { Department, DepartmentHealth } from '../department.ts';
import type { Clock } from '../platform/clock.ts';
import type { Db } from '../platform/db.ts';

/** A service silent for longer than this is gone, and with it what it knew. */
const KEPT_SECONDS = 30;

const REPORT = `
insert into source_health (source, instance, reported_at, health)
select source, $2, $3, health from jsonb_to_recordset($1::jsonb) as h(source text, health jsonb)
on conflict (source, instance) do update set reported_at = excluded.reported_at, health = excluded.health`;

export const reportHealth = async (
  db: Db,
  instance: string,
  departments: readonly Department[],
  now: Date,
): Promise<void> => {
  const rows = departments.map((department) => ({ source: department.code, health: department.health() }));
  await db.query(REPORT, [JSON.stringify(rows), instance, now]);
};

const LATEST = `
select health from source_health
where source = $1 and reported_at > $2::timestamptz - make_interval(secs => ${KEPT_SECONDS})
order by reported_at desc limit 1`;

const UNKNOWN: DepartmentHealth = {
  status: 'UNAVAILABLE',
  circuit: 'OPEN',
  lastSuccessAt: null,
  successes: 0,
  failures: 0,
  latencyP95Ms: null,
};

/** What the last service to report says; UNAVAILABLE when none does. */
export const reportedHealth = (db: Db, clock: Clock, source: string) => async (): Promise<DepartmentHealth> => {
  const row = await db.maybeOne<{ health: DepartmentHealth }>(LATEST, [source, clock.wall()]);
  return row?.health ?? UNKNOWN;
};
