/** Whether every clock said in its time what it had to say, stopped or running: judged by its dates alone. */
import type { Queryable } from '../../core/platform/db.ts';
import type { Clock, ReferralState } from '../../core/referrals/state.ts';

interface Row {
  readonly id: string;
  readonly state: ReferralState;
  /** Clock, type and time of what its clocks said. */
  readonly said: readonly { readonly clock: string; readonly type: string; readonly at: string }[];
}

const CLOCKS = `
select r.id, r.state, coalesce((
  select jsonb_agg(jsonb_build_object('clock', e.body->>'clock', 'type', e.type, 'at', e.at) order by e.sequence)
  from referral_event e where e.referral_id = r.id and e.actor_subject is null and e.body ? 'clock'), '[]') as said
from referral r order by r.id`;

/** No story pauses or extends a clock: what it has to say follows from the dates with which it started. */
function* checkClock(id: string, clock: Clock, said: Row['said'], now: Date): Generator<string> {
  const until = clock.stoppedAt === null ? now.getTime() : Date.parse(clock.stoppedAt);
  for (const [types, due] of [
    [['CLOCK_YELLOW'], clock.yellowAt],
    [['CLOCK_RED', 'RED_CARD'], clock.dueAt],
  ] as const) {
    const spoken = said.filter((one) => one.clock === clock.id && (types as readonly string[]).includes(one.type));
    const wanted = Date.parse(due) <= until ? 1 : 0;
    if (spoken.length !== wanted)
      yield `referral ${id}: clock ${clock.name}, due ${due}, said ${types[0]} ${spoken.length} times instead of ${wanted}`;
    if (spoken.some(({ at }) => Date.parse(at) < Date.parse(due)))
      yield `referral ${id}: clock ${clock.name} said ${types[0]} too early`;
  }
}

export async function checkClocks(q: Queryable, now: Date): Promise<string[]> {
  const rows = await q.query<Row>(CLOCKS);
  return rows.flatMap(({ id, state, said }) => state.clocks.flatMap((clock) => [...checkClock(id, clock, said, now)]));
}
