/** What was written of matters that are long over: summaries, notes, feedback, titles. What happened stays, by whom and when. */
import { destroyDataKeys } from '../platform/data-keys.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import type { Due } from './due.ts';

// Of a matter the last to close counts: what one office wrote is understood from what the others did. A dispute is over when it says so
// and nothing is open below it; one that never says so is judged by its referrals.
const ENDED_REFERRALS = `
select r.id, r.closed_at as at from referral r
join dispute d on d.id = r.dispute_id join dispute s on s.id = coalesce(d.survivor_id, d.id)
where r.closed_at < $1 and (s.resolved_at is null or s.resolved_at < $1)
  and not exists (select from data_key k where k.id = r.id and k.wrapped = '')
  and not exists (
    select from dispute one join referral other on other.dispute_id = one.id
    where (one.id = s.id or one.survivor_id = s.id) and (other.closed_at is null or other.closed_at >= $1))`;

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
  address_cipher = null, missing_documents = '{}', missing_documents_cipher = null where id = any($1)`;
// Why records were linked and taken out. A rule's own code stays; of a human's words, only that there were some.
const LINKS_EMPTIED = `reason = null, reason_cipher = null, reason_owner = null, unlink_reason_cipher = null,
  unlink_reason = case when unlinked_by like 'rule:%' then unlink_reason when unlinked_by is not null then 'DESK' end`;
const IS_SAID = '(l.reason is not null or l.reason_cipher is not null or l.unlink_reason is not null)';
const EMPTY_LINKS = `update dispute_record l set ${LINKS_EMPTIED} where l.dispute_id = any($1) and ${IS_SAID}`;

// Why a proposal was decided so: who decided, and when, stays.
const PROPOSALS_EMPTIED = 'reason_owner = null, reason_cipher = null';
const EMPTY_PROPOSALS = `update dispute_link_proposal set ${PROPOSALS_EMPTIED} where reason_owner = any($1)`;

export async function forgetWords(tx: Tx, cutoff: Date): Promise<number> {
  const held = async (text: string): Promise<string[]> =>
    (await tx.query<{ id: string }>(text, [cutoff])).map(({ id }) => id);
  const referrals = await held(HOLD_REFERRALS);
  const disputes = await held(HOLD_DISPUTES);
  await forget(tx, referrals, disputes);
  return referrals.length + disputes.length;
}

async function forget(tx: Tx, referrals: readonly string[], disputes: readonly string[]): Promise<void> {
  await destroyDataKeys(tx, [...referrals, ...disputes]);
  await tx.query(EMPTY_REFERRALS, [referrals]);
  await tx.query(EMPTY_EVENTS, [referrals]);
  await tx.query(EMPTY_DISPUTES, [disputes]);
  await tx.query(EMPTY_LINKS, [disputes]);
  await tx.query(EMPTY_PROPOSALS, [disputes]);
}

const MATTERS_OF = `
select d.id from dispute d where coalesce(d.survivor_id, d.id) in (
  select coalesce(named.survivor_id, named.id)
  from mention m join dispute_record l on l.record_id = m.record_id and l.unlinked_at is null join dispute named on named.id = l.dispute_id
  where m.person_id = any($1) and m.gone_at is null)
order by d.id for update`;

const REFERRALS_OF = 'select id from referral where dispute_id = any($1) order by id for update';

export interface HeldMatters {
  readonly disputes: readonly string[];
  readonly referrals: readonly string[];
}

/** All matters that name them, held to the end of the transaction: none is opened again once it is asked what holds them. */
export async function holdMattersOf(tx: Tx, personIds: readonly string[]): Promise<HeldMatters> {
  const idsOf = async (text: string, ids: readonly string[]): Promise<string[]> =>
    (await tx.query<{ id: string }>(text, [ids])).map(({ id }) => id);
  const disputes = await idsOf(MATTERS_OF, personIds);
  return { disputes, referrals: await idsOf(REFERRALS_OF, disputes) };
}

const EMPTY_LINKS_OF = `update dispute_record l set ${LINKS_EMPTIED}
where l.record_id in (select m.record_id from mention m where m.person_id = any($1)) and ${IS_SAID}`;

const RECORDS_OF = 'select m.record_id from mention m where m.person_id = any($1)';
const EMPTY_PROPOSALS_OF = `update dispute_link_proposal set ${PROPOSALS_EMPTIED}
where reason_owner is not null and (record_id in (${RECORDS_OF}) or beside_id in (${RECORDS_OF}))`;

/**
 * The words of these matters. Only once nothing holds the person any more (`findHolds`): every such matter is over then, and
 * its words have had their time, whether or not somebody has removed them. Why records of theirs were put to other matters and taken
 * out again goes too.
 */
export async function forgetMatters(
  tx: Tx,
  { disputes, referrals }: HeldMatters,
  personIds: readonly string[],
): Promise<void> {
  await forget(tx, referrals, disputes);
  await tx.query(EMPTY_LINKS_OF, [personIds]);
  await tx.query(EMPTY_PROPOSALS_OF, [personIds]);
}

const STILL_THERE = [
  `update referral r set summary_cipher = '' from data_key k where k.id = r.id and k.wrapped = '' and r.summary_cipher <> ''`,
  `update referral_event e set words_cipher = null from data_key k
   where k.id = e.referral_id and k.wrapped = '' and e.words_cipher is not null`,
  `update dispute d set title_cipher = '', description_cipher = case when description_cipher is not null then ''::bytea end,
     address_cipher = null, missing_documents = '{}', missing_documents_cipher = null
   from data_key k where k.id = d.id and k.wrapped = '' and (d.title_cipher <> '' or d.missing_documents <> '{}')`,
  `update dispute_record l set ${LINKS_EMPTIED} from data_key k where k.id = l.dispute_id and k.wrapped = '' and ${IS_SAID}`,
  `update dispute_link_proposal p set ${PROPOSALS_EMPTIED} from data_key k where k.id = p.reason_owner and k.wrapped = ''`,
];

/** After a backup from before was restored: what the installation's key had sealed is back in it, and opens without its own. */
export async function emptyForgotten(q: Queryable): Promise<void> {
  for (const statement of STILL_THERE) await q.query(statement);
}
