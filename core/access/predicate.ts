/**
 * The one place that says which rows a caller may see. Everything that reads persons, records or disputes puts these
 * conditions into its statement; hidden therefore means absent, from lists and counts alike. For whom they open is data:
 * role-view.ts, purpose.ts, guard.ts.
 *
 * Every such statement begins with `WITH_CALLER`; its first parameters are `callerValues(caller)`, its own begin at
 * `$${CALLER_VALUES + 1}`.
 */
import { isCountyCentre, type Caller } from './caller.ts';
import { servesProtected } from './guard.ts';
import { sightOf } from './role-view.ts';

export const CALLER_VALUES = 6;

/**
 * A supervisor of the county's centre who gives a reason may look without a link (rule 2); it is put before the auditors
 * (core/audit/disclosure.ts). It opens no accusation, no seal and no protection: those conditions stand beside this one, not under it.
 */
export const breaksGlass = (caller: Caller): boolean =>
  isCountyCentre(caller) &&
  caller.roles.includes('centre.supervisor') &&
  caller.purpose === 'supervision' &&
  caller.reason !== null;

export function callerValues(caller: Caller): unknown[] {
  const { organisationId, path, sources } = sightOf(caller, 'record');
  return [
    organisationId,
    path,
    caller.organisation.selfAndAbove,
    sources,
    servesProtected(caller.organisation.kind),
    breaksGlass(caller),
  ];
}

/**
 * How every such statement begins: gives all caller values their types, also those that its conditions do not name.
 * PostgreSQL plans nothing for it.
 */
export const WITH_CALLER = `with caller as (
  select $1::text, $2::text, $3::text[], $4::text[], $5::boolean, $6::boolean)`;

/**
 * Ends an `exists` that is to be looked up for each row by its index. PostgreSQL would otherwise gather all that the caller
 * may see in a hash first, which costs as much for one person as for the county.
 */
const PER_ROW = 'offset 0';

/** Record `r` is held by the caller's organisation or one under it. A government does not hold what its bureaus hold. */
export const ownRecord = (r: string): string => `(
  (${r}.source = any($4) or ${r}.source = 'CENTRE')
  and exists (select from organisation own where own.id = ${r}.office_id and starts_with(own.path, $2) ${PER_ROW}))`;

/** The accusation barrier: an accusation against the caller's organisation or any above it. */
const barred = (r: string): string => `(${r}.accused_ids && $3)`;

/** Record `r` belongs to a dispute that the caller's organisation handles. */
const linkedRecord = (r: string): string => `exists (
  select from dispute_record l join visible v on v.dispute_id = l.dispute_id and v.organisation_id = $1
  where l.record_id = ${r}.id and l.unlinked_at is null ${PER_ROW})`;

/** Dispute `d` has a record for which `condition` holds; of `hl`, the link, and `hr`, the record. */
const hasRecord = (d: string, condition: string): string => `exists (
  select from dispute_record hl join record hr on hr.id = hl.record_id
  where hl.dispute_id = ${d}.id and hl.unlinked_at is null and hr.gone_at is null and ${condition} ${PER_ROW})`;

/** Dispute `d` is one of violence at home: by its category, or by what one of its records tells, whatever it was taken down as. */
export const isViolent = (d: string): string =>
  `(${d}.category = 'DOMESTIC_VIOLENCE' or ${hasRecord(d, 'hr.protected')})`;

/** What civil affairs changed in a matter of violence at home says where she is now (rule 7), though it is an entry like others. */
const followsViolence = (r: string): string => `(${r}.source = 'CIVIL_AFFAIRS' and exists (
  select from dispute_record l join dispute d on d.id = l.dispute_id and ${isViolent('d')}
  where l.record_id = ${r}.id and l.unlinked_at is null ${PER_ROW}))`;

/** Protected, and the case is not that of a court, police … which the caller is. */
const protectedFrom = (r: string): string =>
  `((${r}.protected or ${followsViolence(r)}) and not ($5 and ${linkedRecord(r)}))`;

/** Sealed is for the owner alone, protected for those on the case; classified is counted elsewhere, never shown. */
export const readableRecord = (r: string): string => `(
  ${r}.gone_at is null and not ${barred(r)}
  and (${ownRecord(r)} or (not ${r}.sealed and not ${r}.classified and not ${protectedFrom(r)})))`;

/** A classified record that is only to be counted (`withheld`): not the caller's own, and nothing else hides it. */
export const withheldRecord = (r: string): string => `(
  ${r}.gone_at is null and ${r}.classified and not ${r}.sealed and not ${barred(r)} and not ${ownRecord(r)}
  and not ${protectedFrom(r)})`;

/**
 * Mention `m` on record `r` is told to whoever reads the record; but who reported violence at home (反家庭暴力法 14) to its
 * holder alone.
 */
export const toldMention = (m: string, r: string): string =>
  `(upper(${m}.role) <> 'REPORTER' or ${ownRecord(r)} or not (${r}.protected or exists (
    select from dispute_record tl join dispute td on td.id = tl.dispute_id and ${isViolent('td')}
    where tl.record_id = ${r}.id and tl.unlinked_at is null ${PER_ROW})))`;

/** A telephone that record `r` has of this person leads to somebody who is protected: only what the caller wrote down itself is shown. */
export const shieldedPerson = (person: string): string => `exists (
  select from mention sm join record sr on sr.id = sm.record_id
  where sm.person_id = ${person} and sm.gone_at is null and sr.gone_at is null and sr.protected
    and not ${ownRecord('sr')} and not ($5 and ${linkedRecord('sr')}) ${PER_ROW})`;

/** How record `r` was guarded when this was decided, as `marksOf` (core/access/grant.ts) says it of a department's record. */
export const recordMarks = (r: string): string =>
  `(${r}.sealed::int + 2 * ${r}.classified::int + 4 * ${r}.protected::int)`;

/** Why the caller may see the person behind record `r`: its own record, a dispute it handles, or supervision; else null. */
export const linkOf = (r: string): string => `case
  when not ${readableRecord(r)} then null
  when ${ownRecord(r)} then 'OWN_RECORD'
  when ${linkedRecord(r)} then 'DISPUTE'
  when $6 and ${r}.accused_ids = '{}' and ${r}.petition_purpose is distinct from 'ACCUSATION' then 'SUPERVISION' end`;

/** The caller may see the person with id `person`. */
export const visiblePerson = (person: string): string => `exists (
  select from mention pm join record pr on pr.id = pm.record_id
  where pm.person_id = ${person} and pm.gone_at is null and ${linkOf('pr')} is not null and ${toldMention('pm', 'pr')})`;

/** The caller may see the dispute with id `dispute`. */
export const visibleDispute = (dispute: string): string =>
  `exists (select from visible dv where dv.dispute_id = ${dispute} and dv.organisation_id = $1)`;

/**
 * Where dispute `d` is leads to somebody's home who is protected (rule 7), or to a child's (rule 6): not for those who do not
 * serve them, unless they took it down at their own desk.
 */
export const hidesHome = (d: string): string => `(
  (not $5 and ${isViolent(d)}
    and not ${hasRecord(d, `hr.source = 'CENTRE' and hl.rule = 'FOUNDING' and ${ownRecord('hr')}`)})
  or exists (
    -- Also one that has been taken out: title and address were written with the child in it.
    select from dispute_record hl join record hr on hr.id = hl.record_id
    where hl.dispute_id = ${d}.id and hr.gone_at is null and hr.source = 'CENTRE' and hr.sealed and not ${ownRecord('hr')} ${PER_ROW}))`;

/**
 * Record `r` may stand in a number that is told about a place: the same for whoever asks, so nothing that is kept from anybody. An accusation
 * is kept from the accused to the last one (rule 1); what else is of its dispute stays in the number, or they would see it become less.
 */
export const countableRecord = (r: string): string => `(
  ${r}.gone_at is null and not ${r}.sealed and not ${r}.classified and not ${r}.protected
  and ${r}.accused_ids = '{}' and ${r}.petition_purpose is distinct from 'ACCUSATION')`;

/** The ids of all records of violent disputes (`isViolent`), found at once: for what is counted over the whole county. */
export const RECORDS_OF_VIOLENCE = `
select l.record_id as id from dispute_record l
where l.unlinked_at is null and l.dispute_id in (
  select d.id from dispute d where d.category = 'DOMESTIC_VIOLENCE'
  union
  select hl.dispute_id from record hr join dispute_record hl on hl.record_id = hr.id and hl.unlinked_at is null
  where hr.protected and hr.gone_at is null)`;
