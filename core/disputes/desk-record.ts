/** What is written down at the desk becomes a record like any department's: source CENTRE, its parties its mentions. */
import { usableCitizenId, normaliseName, normalisePhone } from '../people/normal-form.ts';
import {
  mentionId,
  numberHash,
  recordKeyHash,
  toMentionRow,
  type MentionRow,
  type RecordRow,
} from '../people/index-row.ts';
import { birthDateOf, sexOf } from '../platform/citizen-id.ts';
import { legalDay } from '../platform/clock.ts';
import type { Queryable } from '../platform/db.ts';
import { badInput } from '../platform/errors.ts';
import type { Keyring } from '../platform/keyring.ts';
import type { PartyRole } from './party-role.ts';

export const DESK = 'CENTRE';

/** Who acts, for whom, when. */
export interface DeskContext {
  readonly keyring: Keyring;
  readonly now: Date;
  readonly organisationId: string;
  readonly subject: string;
}

export interface DeskParty {
  readonly name: string;
  readonly role: PartyRole;
  readonly citizenId?: string | null;
  readonly phone?: string | null;
  /** Set when the party is an organisation of the tree. */
  readonly organisationId?: string | null;
}

export function required(text: string, field: string): string {
  if (text.trim() === '') throw badInput(field, `\`${field}\` must not be empty.`);
  return text;
}

/** No more than the webhook of the same name takes. */
export function atMost(held: string | readonly unknown[] | null | undefined, most: number, field: string): void {
  if ((held?.length ?? 0) > most)
    throw badInput(field, `At most ${most.toLocaleString('en')}${typeof held === 'string' ? ' characters' : ''}.`);
}

/** BAD_USER_INPUT naming the field, never what stood in it. */
export function checkParty(party: DeskParty, field: string): void {
  if (normaliseName(party.name) === '') throw badInput(`${field}.name`, 'A party needs a name.');
  atMost(party.name, 200, `${field}.name`);
  atMost(party.phone, 40, `${field}.phone`);
  if (party.citizenId != null && usableCitizenId(party.citizenId) === null)
    throw badInput(
      `${field}.citizenId`,
      'This is no citizen ID: its check digit or its form is wrong. Compare it with the card.',
    );
  if (party.phone != null && normalisePhone(party.phone) === null)
    throw badInput(`${field}.phone`, 'This telephone number has too few digits.');
  if (party.organisationId != null && party.citizenId != null)
    throw badInput(`${field}.citizenId`, 'An organisation has no citizen ID.');
}

/** Every id must be an organisation that is not closed. */
export async function checkOrganisations(
  q: Queryable,
  wanted: readonly { readonly id: string | null | undefined; readonly field: string }[],
): Promise<void> {
  const named = wanted.flatMap(({ id, field }) => (id == null ? [] : [{ id, field }]));
  if (named.length === 0) return;
  const rows = await q.query<{ id: string }>('select id from organisation where id = any($1) and closed_at is null', [
    named.map(({ id }) => id),
  ]);
  const known = new Set(rows.map(({ id }) => id));
  const missing = named.find(({ id }) => !known.has(id));
  if (missing) throw badInput(missing.field, 'There is no such organisation.');
}

/** Domain rule 7: whatever is written down of violence at home is protected from the first word. */
export const isProtected = (category: string): boolean => category === 'DOMESTIC_VIOLENCE';

/** 未成年人保护法 2. */
const GROWN_UP_AT = 18;

/**
 * Domain rule 6: of somebody under 18 at the time what is written down is sealed. As far as the desk knows: by the citizen ID.
 * `at`: the legal day is Shanghai's.
 */
export function isMinor({ citizenId }: Pick<DeskParty, 'citizenId'>, at: Date): boolean {
  const usable = usableCitizenId(citizenId ?? null);
  const born = usable === null ? null : birthDateOf(usable);
  if (born === null) return false;
  const [year = '', ...monthAndDay] = born.split('-');
  return legalDay(at) < [String(Number(year) + GROWN_UP_AT), ...monthAndDay].join('-');
}

export interface DeskRecord {
  readonly id: string;
  readonly number: string;
  /** Null on a record that only adds to a dispute. */
  readonly category: string | null;
  /** Of those under 18: absent for all but the organisation that took it down. */
  readonly sealed: boolean;
  readonly protected: boolean;
  readonly at: Date;
  readonly channel: string;
  readonly placeId: string | null;
  readonly petitionPurpose: string | null;
  readonly accusedIds: readonly string[];
}

export function toDeskRow({ keyring, organisationId }: DeskContext, record: DeskRecord): RecordRow {
  const { id, number, at, ...rest } = record;
  return {
    ...rest,
    id,
    source: DESK,
    key: id,
    keyHash: recordKeyHash(keyring, DESK, id),
    numberHash: numberHash(keyring, DESK, number),
    kind: 'INTAKE',
    at: at.toISOString(),
    officeId: organisationId,
    classified: false,
    collective: false,
    references: [],
    digest: keyring.hash('index.hash', 'digest', DESK, id),
  };
}

export function toDeskMention(keyring: Keyring, recordId: string, ref: string, party: DeskParty): MentionRow {
  const citizenId = usableCitizenId(party.citizenId ?? null);
  return toMentionRow(
    keyring,
    { id: recordId },
    {
      ref,
      role: party.role,
      name: party.name,
      citizenId,
      // Not read out of the number: then a wrong number would vouch for itself.
      birthDate: null,
      sex: citizenId === null ? 'UNKNOWN' : sexOf(citizenId),
      phone: party.phone ?? null,
      address: null,
    },
    // The desk's records are written once and have as many mentions as it writes: a new one, always.
    { id: mentionId(keyring, { source: DESK, key: recordId }, ref), wrapped: null },
    { organisationId: party.organisationId ?? null, readAddress: () => null },
  );
}
