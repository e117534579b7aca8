/**
 * The one place that says which rows a caller may see. Everything that reads persons, records or disputes puts these
 * conditions into its statement; hidden therefore means absent, from lists and counts alike.
 *
 * Every such statement begins with `WITH_CALLER`; its first parameters are `callerValues(caller)`, its own begin at
 * `$${CALLER_VALUES + 1}`.
 */
import { hasRole, type Caller } from './caller.ts';

export const CALLER_VALUES = 6;

/** Who may see protected records (反家庭暴力法; domain rule 7) when the case is theirs. */
const PROTECTIVE_KINDS: readonly string[] = ['COURT', 'TRIBUNAL', 'POLICE', 'STATION'];

export const isProtective = (caller: Caller): boolean => PROTECTIVE_KINDS.includes(caller.organisation.kind);

/**
 * A supervisor who gives a reason may look without a link (rule 2); it is written down with the reason. It opens no
 * accusation, no seal and no protection: those conditions stand beside this one, not under it.
 */
export const breaksGlass = (caller: Caller): boolean =>
  hasRole(caller, 'centre.supervisor') && caller.purpose === 'supervision' && caller.reason !== null;

export const callerValues = (caller: Caller): unknown[] => [
  caller.organisation.id,
  caller.organisation.path,
  caller.organisation.selfAndAbove,
  caller.organisation.sources,
  isProtective(caller),
  breaksGlass(caller),
];

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

/** Sealed is for the owner alone, protected for those on the case; classified is counted elsewhere, never shown. */
export const readableRecord = (r: string): string => `(
  ${r}.gone_at is null and not ${barred(r)}
  and (${ownRecord(r)} or (not ${r}.sealed and not ${r}.classified and (not ${r}.protected or $5))))`;

/** A classified record that is only to be counted (`withheld`): not the caller's own, and nothing else hides it. */
export const withheldRecord = (r: string): string => `(
  ${r}.gone_at is null and ${r}.classified and not ${r}.sealed and not ${barred(r)} and not ${ownRecord(r)})`;

/** How record `r` was guarded when this was decided, as `marksOf` (core/access/grant.ts) says it of a department's record. */
export const recordMarks = (r: string): string =>
  `(${r}.sealed::int + 2 * ${r}.classified::int + 4 * ${r}.protected::int)`;

/** Record `r` belongs to a dispute that the caller's organisation handles. */
const linkedRecord = (r: string): string => `exists (
  select from dispute_record l join visible v on v.dispute_id = l.dispute_id and v.organisation_id = $1
  where l.record_id = ${r}.id and l.unlinked_at is null ${PER_ROW})`;

/** Why the caller may see the person behind record `r`: its own record, a dispute it handles, or supervision; else null. */
export const linkOf = (r: string): string => `case
  when not ${readableRecord(r)} then null
  when ${ownRecord(r)} then 'OWN_RECORD'
  when ${linkedRecord(r)} then 'DISPUTE'
  when $6 then 'SUPERVISION' end`;

/** The caller may see the person with id `person`. */
export const visiblePerson = (person: string): string => `exists (
  select from mention pm join record pr on pr.id = pm.record_id
  where pm.person_id = ${person} and pm.gone_at is null and ${linkOf('pr')} is not null)`;

/** The caller may see the dispute with id `dispute`. */
export const visibleDispute = (dispute: string): string =>
  `exists (select from visible dv where dv.dispute_id = ${dispute} and dv.organisation_id = $1)`;
