/** What keeps a person's data from being erased (个人信息保护法 47): a matter in hand, and what a rule keeps for a time. */
import type { RuleInForce, Rules } from '../calendar/load-rules.ts';
import { legalDay } from '../platform/clock.ts';
import type { Queryable } from '../platform/db.ts';
import { keptUntil } from './cutoff.ts';

export interface Hold {
  readonly reason: 'OPEN_DISPUTE' | 'OPEN_REFERRAL' | 'PROVISION_RECORD' | 'CLOSED_MATTER';
  /** How many disputes, referrals or disclosures. */
  readonly count: number;
  /** Null while something is open, or where the county's rules set it no time: nobody knows until when. */
  readonly until: Date | null;
  /** By which rule, and where it stands. */
  readonly rule: string | null;
  readonly basis: string | null;
}

/** The records of provision to others (个人信息保护法 56). */
const PROVISION_RULE = 'kept.provision-record';
/** What was closed is answered for as long as its words are kept. */
const MATTER_RULE = 'retention.closed-words';

interface Facts {
  readonly openDisputes: number;
  readonly openReferrals: number;
  readonly disclosures: number;
  readonly disclosedAt: Date | null;
  readonly matters: number;
  readonly closedAt: Date | null;
}

// The centre's own looks are no provision to others. Ids of disputes that were joined resolve to their survivors.
const FACTS = `
with named as (
  select distinct coalesce(d.survivor_id, d.id) as id
  from mention m join dispute_record l on l.record_id = m.record_id and l.unlinked_at is null join dispute d on d.id = l.dispute_id
  where m.person_id = any($1) and m.gone_at is null
), matter as (
  select d.id, d.stage not in ('RESOLVED', 'CLOSED') as open, d.resolved_at as closed_at from named n join dispute d on d.id = n.id
), referred as (
  select r.closed_at from named n join dispute d on coalesce(d.survivor_id, d.id) = n.id join referral r on r.dispute_id = d.id
), told_in as (
  select distinct l.dispute_id as id from mention m join dispute_record l on l.record_id = m.record_id where m.person_id = any($1)
), shown as (
  select x.at from (
    select at, organisation_id from disclosure where person_id = any($1)
    union all
    -- Where nobody was resolved it is of the record, the dispute or the referral that names them.
    select d.at, d.organisation_id from mention m join disclosure d on d.person_id is null and d.record_id = m.record_id
    where m.person_id = any($1)
    union all
    select d.at, d.organisation_id from told_in n join disclosure d on d.person_id is null and d.record_id is null and d.dispute_id = n.id
    union all
    select d.at, d.organisation_id from told_in n join referral r on r.dispute_id = n.id
    join disclosure d on d.person_id is null and d.referral_id = r.id
  ) x join organisation o on o.id = x.organisation_id where o.kind <> 'CENTRE'
)
select (select count(*) from matter where open) as "openDisputes",
  (select count(*) from referred where closed_at is null) as "openReferrals",
  (select count(*) from shown) as disclosures, (select max(at) from shown) as "disclosedAt",
  (select count(*) from matter where not open) as matters,
  greatest((select max(closed_at) from matter), (select max(closed_at) from referred)) as "closedAt"`;

export async function findHolds(q: Queryable, rules: Rules, personIds: readonly string[], now: Date): Promise<Hold[]> {
  const facts = await q.one<Facts>(FACTS, [personIds]);
  const holds: Hold[] = [];
  if (facts.openDisputes > 0)
    holds.push({ reason: 'OPEN_DISPUTE', count: facts.openDisputes, until: null, rule: null, basis: null });
  if (facts.openReferrals > 0)
    holds.push({ reason: 'OPEN_REFERRAL', count: facts.openReferrals, until: null, rule: null, basis: null });
  const keep = (reason: Hold['reason'], id: string, began: Date | null, count: number): void => {
    if (!began || count === 0) return;
    const rule: RuleInForce | null = rules.inForce(id, legalDay(now));
    if (!rule) {
      holds.push({ reason, count, until: null, rule: id, basis: null });
      return;
    }
    const until = keptUntil(rule, began);
    if (until > now) holds.push({ reason, count, until, rule: rule.id, basis: rule.basis });
  };
  keep('PROVISION_RECORD', PROVISION_RULE, facts.disclosedAt, facts.disclosures);
  keep('CLOSED_MATTER', MATTER_RULE, facts.closedAt, facts.matters);
  return holds;
}

const WORDS: Readonly<Record<Hold['reason'], string>> = {
  OPEN_DISPUTE: 'disputes that name them are open',
  OPEN_REFERRAL: 'referrals of such disputes are open',
  PROVISION_RECORD: 'records of what was shown to others are kept',
  CLOSED_MATTER: 'closed matters that name them are kept',
};

/** In a sentence, for whoever asked. */
export function tellHold({ reason, count, until, rule, basis }: Hold): string {
  const kept = `${WORDS[reason]} (${count})`;
  if (until !== null) return `${kept} until ${legalDay(until)}${basis === null ? '' : `, ${basis}`}`;
  return rule === null ? kept : `${kept}, and the county’s rules do not say for how long: add ${rule}`;
}
