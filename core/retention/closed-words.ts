/** What was written of matters that are long over: summaries, notes, feedback, titles. What happened stays, by whom and when. */
import { destroyDataKeys } from '../platform/data-keys.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import type { Due } from './due.ts';

// Of a chain the last to close counts: what its children wrote is understood from it. A dispute is over when it says so and nothing
// is open below it.
const ENDED_REFERRALS = `
select r.id, r.closed_at as at from referral r
where r.closed_at < $1 and not exists (select from data_key k where k.id = r.id and k.wrapped = '')
  and not exists (select from referral other where other.root_id = r.root_id and (other.closed_at is null or other.closed_at >= $1))`;

const ENDED_DISPUTES = `
select d.id, d.resolved_at as at from dispute d
where d.resolved_at < $1 and d.stage in ('RESOLVED', 'CLOSED')
  and not exists (select from data_key k where k.id = d.id and k.wrapped = '')
  and not exists (select from referral r where r.dispute_id = d.id and (r.closed_at is null or r.closed_at >= $1))`;

const DUE = `select count(*) as count, min(at) as oldest from (${ENDED_REFERRALS} union all ${ENDED_DISPUTES}) ended`;

export const endedMatters = (q: Queryable, cutoff: Date): Promise<Due> => q.one<Due>(DUE, [cutoff]);

const AT_ONCE = 500;

// Whoever acts on one of them at this moment has it: it is left for the next time.
const HOLD_REFERRALS = `select r.id from referral r where r.id in (select id from (${ENDED_REFERRALS}) e order by at limit ${AT_ONCE})
order by r.id for update skip locked`;
const HOLD_DISPUTES = `select d.id from dispute d where d.id in (select id from (${ENDED_DISPUTES}) e order by at limit ${AT_ONCE})
order by d.id for update skip locked`;

// Emptied besides: what was written before there were keys is sealed by the installation's.
const EMPTY_REFERRALS = `update referral set summary_cipher = '' where id = any($1)`;
const EMPTY_EVENTS = `update referral_event set words_cipher = null where referral_id = any($1) and words_cipher is not null`;
const EMPTY_DISPUTES = `update dispute set title_cipher = '', description_cipher = case when description_cipher is not null then ''::bytea end,
  address_cipher = null where id = any($1)`;

export async function forgetWords(tx: Tx, cutoff: Date): Promise<number> {
  const held = async (text: string): Promise<string[]> =>
    (await tx.query<{ id: string }>(text, [cutoff])).map(({ id }) => id);
  const referrals = await held(HOLD_REFERRALS);
  const disputes = await held(HOLD_DISPUTES);
  await destroyDataKeys(tx, [...referrals, ...disputes]);
  await tx.query(EMPTY_REFERRALS, [referrals]);
  await tx.query(EMPTY_EVENTS, [referrals]);
  await tx.query(EMPTY_DISPUTES, [disputes]);
  return referrals.length + disputes.length;
}

const STILL_THERE = [
  `update referral r set summary_cipher = '' from data_key k where k.id = r.id and k.wrapped = '' and r.summary_cipher <> ''`,
  `update referral_event e set words_cipher = null from data_key k
   where k.id = e.referral_id and k.wrapped = '' and e.words_cipher is not null`,
  `update dispute d set title_cipher = '', description_cipher = case when description_cipher is not null then ''::bytea end,
     address_cipher = null
   from data_key k where k.id = d.id and k.wrapped = '' and d.title_cipher <> ''`,
];

/** After a backup from before was restored: what the installation's key had sealed is back in it, and opens without its own. */
export async function emptyForgotten(q: Queryable): Promise<void> {
  for (const statement of STILL_THERE) await q.query(statement);
}
