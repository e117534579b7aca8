/**
 * Who was shown what of whom (domain rule 4), and that somebody was looked for and not found. Each is a row for the person's
 * own list and an entry of the audit log, in one transaction: an answer leaves when both are stored, or not at all.
 */
import type { Reader } from './actor.ts';
import { appendEntries, entryRows, type AuditEntry } from './audit.ts';
import { commit } from './log/commitment.ts';
import type { DataKey } from '../platform/data-keys.ts';
import type { Queryable } from '../platform/db.ts';
import { AppError } from '../platform/errors.ts';
import type { Keyring } from '../platform/keyring.ts';

export const LINKS = ['OWN_RECORD', 'DISPUTE', 'REFERRAL', 'SUPERVISION'] as const;
/** Why the reader may see it (core/access/predicate.ts). */
export type Link = (typeof LINKS)[number];

/** A person, and through what they were shown; without a person, the record, dispute or referral that names somebody. */
export interface Shown {
  readonly personId: string | null;
  readonly recordId: string | null;
  readonly disputeId: string | null;
  readonly referralId: string | null;
  /** `identity`, `contact.masked`, `courts` … (gateway/disclosure/field-group.ts). */
  readonly fieldGroups: readonly string[];
  /** Null: the service that resolved the person does not say. */
  readonly link: Link | null;
}

/** What one answer discloses. */
export interface Disclosure {
  readonly reader: Reader;
  readonly at: Date;
  readonly shown: readonly Shown[];
  /** Keyed hashes, in hexadecimal, of the citizen IDs that nobody was found by. */
  readonly lookedUp: readonly string[];
}

const WRITE = `
with told as (
  insert into disclosure (at, request_id, subject, organisation_id, purpose, reason_cipher, person_id, record_id, dispute_id,
    referral_id, field_groups, link)
  select s.at, s.request_id, s.subject, s.organisation_id, s.purpose, decode(s.reason, 'base64'), s.person_id, s.record_id,
    s.dispute_id, s.referral_id, s.field_groups, s.link
  from jsonb_to_recordset($1::jsonb) as s(at timestamptz, request_id text, subject text, organisation_id text, purpose text,
    reason text, person_id text, record_id text, dispute_id text, referral_id text, field_groups text[], link text))
${appendEntries('$2')}`;

/** A reason is a sentence about people: it is read by auditors only, each under the request it belongs to. */
export const openReason = (keyring: Keyring, requestId: string, cipher: Buffer): string =>
  keyring.open('disclosure', cipher, requestId).toString();

function rowsOf(keyring: Keyring, { reader, at, shown }: Disclosure): object[] {
  const { requestId, reason } = reader;
  const about = {
    at: at.toISOString(),
    request_id: requestId,
    subject: reader.subject,
    organisation_id: reader.organisation.id,
    purpose: reader.purpose,
    reason:
      reason === null || shown.length === 0 ? null : keyring.seal('disclosure', reason, requestId).toString('base64'),
  };
  return shown.map(({ personId, recordId, disputeId, referralId, fieldGroups, link }) => ({
    ...about,
    person_id: personId,
    record_id: recordId,
    dispute_id: disputeId,
    referral_id: referralId,
    field_groups: fieldGroups,
    link,
  }));
}

const distinct = (values: readonly (string | null)[]): string[] =>
  [...new Set(values.filter((value) => value !== null))].sort();

type AboutPerson = Required<Pick<AuditEntry, 'subject' | 'committed' | 'about'>>;

/** Of a person the log has a commitment under their own key; under their id it is found beside it. */
const personIn = (keys: ReadonlyMap<string, DataKey>, requestId: string, personId: string): AboutPerson => {
  const salt = keys.get(personId)?.mac(requestId, 'person').toString('base64');
  if (salt === undefined) throw new AppError('INTERNAL', 'A person was shown whose key is not there.');
  return { subject: requestId, committed: { person: commit({ salt, value: personId }) }, about: [personId] };
};

/** A reason is a sentence about people: committed to like a name. */
const withReason = (entry: AboutPerson, key: DataKey | undefined, { requestId, reason }: Reader): AboutPerson => {
  const salt = key?.mac(requestId, 'reason').toString('base64');
  if (salt === undefined || reason === null) return entry;
  return { ...entry, committed: { ...entry.committed, reason: commit({ salt, value: reason }) } };
};

/** Of what one entry holds of one person: each names a record, a dispute and a referral at most, and an entry has 65,535 bytes. */
const AT_ONCE = 500;
const inPieces = (all: readonly Shown[]): Shown[][] =>
  Array.from({ length: Math.ceil(all.length / AT_ONCE) }, (_, at) => all.slice(at * AT_ONCE, (at + 1) * AT_ONCE));

/** One entry for each person shown, whatever of them; for each record, dispute or referral where nobody is resolved. */
function entriesOf({ reader, at, shown, lookedUp }: Disclosure, keys: ReadonlyMap<string, DataKey>): AuditEntry[] {
  const said = { request: reader.requestId, purpose: reader.purpose };
  const bySubject = new Map<string, Shown[]>();
  for (const one of shown) {
    const subject = one.personId ?? one.recordId ?? one.disputeId ?? one.referralId ?? '';
    const known = bySubject.get(subject);
    if (known) known.push(one);
    else bySubject.set(subject, [one]);
  }
  const told = [...bySubject].flatMap(([subject, every]) =>
    inPieces(every).map((all) => ({
      kind: 'person.disclosed',
      subject,
      actor: reader,
      at,
      body: {
        ...said,
        fieldGroups: distinct(all.flatMap(({ fieldGroups }) => fieldGroups)),
        links: distinct(all.map(({ link }) => link)),
        records: distinct(all.map(({ recordId }) => recordId)),
        disputes: distinct(all.map(({ disputeId }) => disputeId)),
        referrals: distinct(all.map(({ referralId }) => referralId)),
      },
      ...(all[0]?.personId != null && personIn(keys, reader.requestId, all[0].personId)),
    })),
  );
  // A supervisor who looks at somebody without a link is put before the auditors (rule 2); the reason is in the person's list.
  const brokenGlass = [...bySubject.values()].flatMap(([one]) =>
    one?.personId == null || one.link !== 'SUPERVISION'
      ? []
      : [
          {
            kind: 'access.broken-glass',
            actor: reader,
            at,
            body: { ...said },
            ...withReason(personIn(keys, reader.requestId, one.personId), keys.get(one.personId), reader),
          },
        ],
  );
  const soughtInVain = lookedUp.map((hash) => ({
    kind: 'person.looked-up',
    subject: reader.requestId,
    actor: reader,
    at,
    body: { ...said, found: false },
    about: [hash],
  }));
  return [...told, ...brokenGlass, ...soughtInVain];
}

/** Whose keys `writeDisclosures` needs. */
export const personsShown = (disclosures: readonly Disclosure[]): string[] =>
  distinct(disclosures.flatMap(({ shown }) => shown.map(({ personId }) => personId)));

/** One statement: stored are all of them, with their entries, or nothing. The month of each must have been made (`makeDisclosureMonth`). */
export async function writeDisclosures(
  q: Queryable,
  { keyring, keys }: { readonly keyring: Keyring; readonly keys: ReadonlyMap<string, DataKey> },
  disclosures: readonly Disclosure[],
): Promise<void> {
  const rows = disclosures.flatMap((one) => rowsOf(keyring, one));
  const entries = disclosures.flatMap((one) => entriesOf(one, keys));
  await q.query(WRITE, [JSON.stringify(rows), entryRows(entries)]);
}
