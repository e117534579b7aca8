/**
 * A grant: which of a department's records this caller may be shown of one person or one dispute. Made by the registry,
 * carried by the gateway, opened only by the department's own subgraph. Sealed and protected records are already taken
 * out, so a department cannot show too much, and it learns no other department's keys.
 */
import { z } from 'zod';
import type { Keyring } from '../platform/keyring.ts';
import type { Clock } from '../platform/clock.ts';
import type { DepartmentRecord } from '../department-record.ts';
import type { SourceCode } from '../department.ts';
import type { Caller } from './caller.ts';
import { AppError } from '../platform/errors.ts';

const GrantedRecord = z.object({
  /** Public record id; says nothing of the key. */
  id: z.string(),
  /** The department's own key. */
  key: z.string(),
  /** When it happened or was filed, RFC 3339; the list's sort key. */
  at: z.string(),
  /** Participant ref → person id, for the persons this caller may know. */
  people: z.record(z.string(), z.string()),
  /** How it was guarded when the index was asked; what has been guarded since is not shown. None when absent. */
  marks: z.number().int().optional(),
  /** The caller's organisation holds it itself. */
  own: z.boolean().optional(),
});
export type GrantedRecord = z.infer<typeof GrantedRecord>;

const GrantBody = z.object({
  source: z.string(),
  subject: z.string(),
  organisation: z.string(),
  expires: z.number(),
  /** Newest first. */
  records: z.array(GrantedRecord),
  /** Classified by their owner: counted, not shown. */
  withheld: z.number(),
  /** Why the department may not be asked at all (no agreement, expired, purpose); null when it may. */
  refused: z.string().nullable(),
  /** Up to when the index knows this department's records; null before the first load has ended. */
  indexedAt: z.string().nullable(),
});
export type Grant = z.infer<typeof GrantBody>;

export type GrantContent = Pick<Grant, 'records' | 'withheld' | 'refused' | 'indexedAt'>;

/**
 * The index is minutes behind a department, an hour behind some: what the department says now counts as well. True for a
 * record that has been sealed, classified or protected since, and for an accusation against the caller or those above it.
 */
export const isGuardedSince = (
  { organisation }: Caller,
  { marks = 0 }: GrantedRecord,
  record: DepartmentRecord,
): boolean =>
  (marksOf(asIndexed(record)) & ~marks) !== 0 ||
  record.accused.some((code) => organisation.path.split('/').includes(code));

/** As `toRecordRow` (core/people/index-row.ts) guards it, whether or not its department says so. */
const asIndexed = (record: DepartmentRecord) => ({
  sealed: record.sealed || ('purpose' in record && record.purpose === 'ACCUSATION' && record.accused.length === 0),
  classified: record.classified,
  protected: record.protected || record.category === 'DOMESTIC_VIOLENCE',
});

/** Of `recordMarks`. */
const PROTECTED = 4;

/**
 * Those named on it whom the caller may be told: who reported violence at home is known to the record's holder alone
 * (反家庭暴力法 14), as `toldMention` (core/access/predicate.ts) has it of the index.
 */
export const toldParticipants = (
  { own = false, marks = 0 }: GrantedRecord,
  { protected: isProtected, participants }: Pick<DepartmentRecord, 'protected' | 'participants'>,
): DepartmentRecord['participants'] =>
  !own && (isProtected || (marks & PROTECTED) !== 0)
    ? participants.filter(({ role }) => role.toUpperCase() !== 'REPORTER')
    : participants;

/** The same number as `recordMarks` (core/access/predicate.ts). */
const marksOf = (record: Pick<DepartmentRecord, 'sealed' | 'classified' | 'protected'>): number =>
  Number(record.sealed) + 2 * Number(record.classified) + PROTECTED * Number(record.protected);

/** Long enough for one request to reach its department, too short to be worth stealing. */
const LIFETIME_MS = 60_000;
const CONTEXT = 'grant';

export interface GrantDeps {
  readonly keyring: Keyring;
  readonly clock: Clock;
}

export function issueGrant(
  { keyring, clock }: GrantDeps,
  source: SourceCode,
  caller: Caller,
  content: GrantContent,
): string {
  const body: Grant = {
    source,
    subject: caller.subject,
    organisation: caller.organisation.id,
    expires: clock.wall().getTime() + LIFETIME_MS,
    ...content,
  };
  return keyring.seal(`grant.${source}`, JSON.stringify(body), CONTEXT).toString('base64url');
}

/** Throws FORBIDDEN for a grant that is forged, another department's, another caller's or too old. */
export function openGrant({ keyring, clock }: GrantDeps, source: SourceCode, caller: Caller, text: string): Grant {
  const refusal = (cause?: unknown): AppError => new AppError('FORBIDDEN', 'This grant is not valid here.', { cause });
  let grant: Grant;
  try {
    grant = GrantBody.parse(
      JSON.parse(keyring.open(`grant.${source}`, Buffer.from(text, 'base64url'), CONTEXT).toString('utf8')),
    );
  } catch (cause) {
    throw refusal(cause);
  }
  const fits =
    grant.source === source &&
    grant.subject === caller.subject &&
    grant.organisation === caller.organisation.id &&
    grant.expires > clock.wall().getTime();
  if (!fits) throw refusal();
  return grant;
}
