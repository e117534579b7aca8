/** The audit log as an auditor may read it. The accusation barrier holds here too: no role opens it (信访工作条例 30). */
import { audit } from '../audit/audit.ts';
import type { Queryable } from '../platform/db.ts';
import { AppError } from '../platform/errors.ts';
import { hasRole, isOfCounty, type Caller } from './caller.ts';
import { accusedOf } from './referral-sight.ts';

export interface EntrySearch {
  readonly kinds?: readonly string[];
  readonly person?: string;
  readonly organisation?: string;
  readonly dispute?: string;
  readonly referral?: string;
  readonly actor?: string;
  readonly from?: Date;
  readonly to?: Date;
  /** Index of the last entry of the page before. */
  readonly before?: number;
  readonly limit: number;
}

export interface SeenEntry {
  readonly index: number;
  readonly at: Date;
  readonly kind: string;
  readonly actorSubject: string | null;
  readonly actorRole: string;
  readonly organisationId: string | null;
  readonly subject: string;
  readonly bytes: Buffer;
}

export function requireAuditor(caller: Caller): void {
  if (!hasRole(caller, 'auditor')) throw new AppError('FORBIDDEN', 'The audit log is for auditors.');
}

/** Ids that entry `l` has: those under which it is found, and those its bytes name (through what a person was shown). */
const NAMED = `(
  select about as id from audit_about where index = l.index
  union
  select token[1] from regexp_matches(convert_from(l.bytes, 'UTF8'), '"((?:dsp|rec|ref)_[^"]+)"', 'g') token) as named`;

/**
 * Accusations are discipline inspection's to look at. All other auditors find none of them, whoever is accused: were only those
 * hidden that are against their own house, each gap in the places would tell them of one.
 */
const seesAccusations = (caller: Caller): boolean => caller.organisation.kind === 'DISCIPLINE' && isOfCounty(caller);

/**
 * Named by entry `l`, what accuses somebody: a dispute, itself or by its referral or record. `accused`: those whom it is kept from;
 * with `all` it is kept whoever it is against.
 */
const barred = (accused: string, all: string): string => `(exists (
  select from ${NAMED}
  left join referral r on r.id = named.id
  left join dispute_record of_it on of_it.record_id = named.id
  join dispute asked on asked.id = coalesce(r.dispute_id, of_it.dispute_id, named.id)
  cross join lateral ${accusedOf('coalesce(asked.survivor_id, asked.id)')} accused
  where ${all} or accused.id = any (${accused}))
or exists (select from ${NAMED} join record told on told.id = named.id
  where told.accused_ids && ${accused} or (${all} and told.accused_ids <> '{}')))`;

/**
 * Of whom an auditor may read what was done: one of the county of everybody, another of their own organisation and those under it.
 * As the path that such organisations' paths begin with.
 */
export const auditedPath = (caller: Caller): string => (isOfCounty(caller) ? '' : caller.organisation.path);

/** A person's ids: the one asked for, whom they were joined into, and who was joined into them. */
const idsOfPerson = (person: string): string => `(
  select other.id from person asked
  join person other on coalesce(other.survivor_id, other.id) = coalesce(asked.survivor_id, asked.id)
  where asked.id = ${person} union select ${person})`;

const ACCUSED = `
select exists (select from dispute where accused_ids && $1) or exists (select from record where accused_ids && $1 and gone_at is null) as accused`;

/** Whole bundles show everything: they are for discipline inspection of the county, unless it is itself accused. */
export async function requireBundles(q: Queryable, caller: Caller): Promise<void> {
  requireAuditor(caller);
  const { accused } = await q.one<{ accused: boolean }>(ACCUSED, [caller.organisation.selfAndAbove]);
  if (accused || !seesAccusations(caller))
    throw new AppError('FORBIDDEN', 'Bundles of the log are for discipline inspection; ask for auditEntries.');
}

/** Newest first. Only what is published. */
export function searchEntries(q: Queryable, caller: Caller, search: EntrySearch): Promise<SeenEntry[]> {
  const values: unknown[] = [caller.organisation.selfAndAbove, auditedPath(caller), !seesAccusations(caller)];
  const conditions = [
    'l.index < (select note_size from audit_head)',
    `not ${barred('$1', '$3::boolean')}`,
    // One that opened nothing names no dispute, and says by its kind that somebody came to accuse.
    `not (l.kind = 'routing.refused' and ($3::boolean or l.subject = any ($1)))`,
    `($2 = '' or exists (select from organisation o where o.id = l.organisation_id and starts_with(o.path, $2)))`,
  ];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const where = (value: unknown, condition: (p: string) => string): void => {
    if (value !== undefined) conditions.push(condition(parameter(value)));
  };
  const about = (ids: string): string =>
    `exists (select from audit_about a where a.index = l.index and a.about in ${ids})`;
  where(search.kinds, (p) => `l.kind = any (${p})`);
  where(search.person, (p) => about(idsOfPerson(p)));
  where(search.dispute, (p) => about(`(select ${p})`));
  where(search.referral, (p) => about(`(select ${p})`));
  where(search.organisation, (p) => `l.organisation_id = ${p}`);
  where(search.actor, (p) => `l.actor_subject = ${p}`);
  where(search.from, (p) => `l.at >= ${p}`);
  where(search.to, (p) => `l.at <= ${p}`);
  where(search.before, (p) => `l.index < ${p}`);
  return q.query<SeenEntry>(
    `select l.index, l.at, l.kind, l.actor_subject as "actorSubject", l.actor_role as "actorRole",
       l.organisation_id as "organisationId", l.subject, l.bytes
     from audit_leaf l where ${conditions.join(' and ')} order by l.index desc limit ${parameter(search.limit)}`,
    values,
  );
}

/** Auditors are looked after as well: what was looked for goes into the log before it is answered. */
export const noteAuditRead = (
  q: Queryable,
  caller: Caller,
  at: Date,
  look: { readonly list: string; readonly by: Readonly<Record<string, unknown>>; readonly about?: readonly string[] },
): Promise<void> =>
  audit.append(q, {
    ...{ kind: 'audit.read', subject: caller.requestId, actor: caller, at },
    body: { list: look.list, ...look.by },
    about: look.about ?? [],
  });
