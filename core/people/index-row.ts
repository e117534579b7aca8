/** From a department's record to the rows of the index: keyed hashes to find and join by, ciphers for everything that can be read. */
import type { DepartmentRecord, Participant, Sex } from '../department-record.ts';
import type { SourceCode } from '../department.ts';
import { birthDateOf } from '../platform/citizen-id.ts';
import { makeDataKey, openDataKey, type DataKey } from '../platform/data-keys.ts';
import { idFromHash } from '../platform/id.ts';
import type { Keyring } from '../platform/keyring.ts';
import { openOwned } from '../platform/owned.ts';
import { intakeOf, type Intake } from './intake.ts';
import { hashBlockingKeys, NO_HASHES, type BlockingHashes } from './blocking-hash.ts';
import type { ReadAddress } from './matching/address.ts';
import { readTraits, type Traits } from './matching/trait.ts';
import { nameTokens } from './name-token.ts';
import { normaliseName, normalisePhone, usableCitizenId } from './normal-form.ts';

export interface ReferenceRow {
  readonly source: SourceCode;
  readonly numberHash: Buffer;
}

export interface RecordRow extends Intake {
  readonly id: string;
  readonly source: SourceCode;
  readonly key: string;
  readonly keyHash: Buffer;
  readonly numberHash: Buffer;
  readonly kind: string;
  readonly category: string | null;
  readonly at: string;
  readonly officeId: string | null;
  readonly placeId: string | null;
  readonly sealed: boolean;
  readonly classified: boolean;
  readonly protected: boolean;
  readonly accusedIds: readonly string[];
  readonly references: readonly ReferenceRow[];
  readonly digest: Buffer;
}

/** What a mention's cipher holds, as the record has it. */
export interface MentionContent {
  readonly name: string;
  readonly citizenId: string | null;
  readonly birthDate: string | null;
  readonly phone: string | null;
  readonly address: string | null;
}

export interface MentionRow {
  readonly id: string;
  readonly recordId: string;
  readonly ref: string;
  readonly role: string;
  /** Set when the party is an organisation; such a mention belongs to no person. */
  readonly organisationId: string | null;
  readonly sex: Sex;
  readonly cipher: Buffer;
  readonly nameHash: Buffer;
  readonly nameTokens: readonly Buffer[];
  readonly citizenIdHash: Buffer | null;
  readonly birthHash: Buffer | null;
  readonly phoneHash: Buffer | null;
  readonly birthYear: number | null;
  readonly blocking: BlockingHashes;
  /** Of the birth date, stated or as a valid number has it. */
  readonly bornHash: Buffer | null;
  /** What is compared; held while it is stored, never stored in the clear. Null for an organisation, and where that is for later. */
  readonly traits: Traits | null;
  /** The key that its cipher was made with, where it was made for it: to be stored with it. */
  readonly newKey: Buffer | null;
}

/** The id of a mention, with its key as stored; null: it has none yet. */
export interface MentionKey {
  readonly id: string;
  readonly wrapped: Buffer | null;
}

export const recordKeyHash = (keyring: Keyring, source: SourceCode, key: string): Buffer =>
  keyring.hash('index.hash', 'record', source, key);

export const recordId = (keyring: Keyring, source: SourceCode, key: string): string =>
  idFromHash('rec', recordKeyHash(keyring, source, key));

export const numberHash = (keyring: Keyring, source: SourceCode, number: string): Buffer =>
  keyring.hash('index.hash', 'number', source, number.normalize('NFKC').replace(/\s+/gu, ''));

export const nameHash = (keyring: Keyring, name: string): Buffer =>
  keyring.hash('index.hash', 'name', normaliseName(name));

/** Null when the number is not a valid one. */
export function citizenIdHash(keyring: Keyring, citizenId: string | null): Buffer | null {
  const usable = usableCitizenId(citizenId);
  return usable === null ? null : keyring.hash('index.hash', 'citizenId', usable);
}

export function phoneHash(keyring: Keyring, phone: string | null): Buffer | null {
  const digits = normalisePhone(phone);
  return digits === null ? null : keyring.hash('index.hash', 'phone', digits);
}

const knowsAccused = ({ accused }: DepartmentRecord, known: readonly string[]): boolean =>
  accused.length > 0 && known.length === accused.length;

/** `organisations`: ids by code; an unknown code is as if the department had not said. */
export function toRecordRow(
  keyring: Keyring,
  record: DepartmentRecord,
  organisations: ReadonlyMap<string, string>,
): RecordRow {
  const idOf = (code: string | null): string | null => (code === null ? null : (organisations.get(code) ?? null));
  const keyHash = recordKeyHash(keyring, record.source, record.key);
  const accusedIds = record.accused.flatMap((code) => organisations.get(code) ?? []).sort();
  const intake = intakeOf(record);
  const row = {
    id: idFromHash('rec', keyHash),
    source: record.source,
    kind: record.kind,
    category: record.category,
    at: record.at,
    officeId: idOf(record.office),
    placeId: idOf(record.place),
    // Of an accusation against somebody whom the tree does not have it is not known from whom it must be kept (信访工作条例
    // 30): whoever took it keeps it to themselves.
    sealed: record.sealed || (intake.petitionPurpose === 'ACCUSATION' && !knowsAccused(record, accusedIds)),
    classified: record.classified,
    // Whatever is written down of violence at home is protected, whether or not its department says so (domain rule 7).
    protected: record.protected || record.category === 'DOMESTIC_VIOLENCE',
    accusedIds,
    ...intake,
  };
  const indexed = JSON.stringify([row, record.number, record.references, record.participants]);
  return {
    ...row,
    key: record.key,
    keyHash,
    numberHash: numberHash(keyring, record.source, record.number),
    references: record.references.map(({ source, number }) => ({
      source,
      numberHash: numberHash(keyring, source, number),
    })),
    digest: keyring.hash('index.hash', 'digest', indexed),
  };
}

export const mentionId = (keyring: Keyring, record: { source: SourceCode; key: string }, ref: string): string =>
  idFromHash('men', keyring.hash('index.hash', 'mention', record.source, record.key, ref));

/** Who is told of where a mention was that has been erased: another mention, with another key. */
export const mentionIdAfter = (keyring: Keyring, erased: string): string =>
  idFromHash('men', keyring.hash('index.hash', 'mention-after', erased));

function keyOf(keyring: Keyring, { id, wrapped }: MentionKey): { key: DataKey; newKey: Buffer | null } {
  if (wrapped !== null) return { key: openDataKey(keyring, { owner: id, wrapped }), newKey: null };
  const made = makeDataKey(keyring, id);
  return { key: made.key, newKey: made.wrapped };
}

/** `readAddress`: null where nobody is compared until later. */
export function toMentionRow(
  keyring: Keyring,
  record: { readonly id: string },
  participant: Participant,
  { id, wrapped }: MentionKey,
  {
    organisationId = null,
    readAddress,
  }: { readonly organisationId?: string | null; readonly readAddress: ReadAddress | null },
): MentionRow {
  const { name, citizenId, birthDate, phone, address } = participant;
  const content: MentionContent = { name, citizenId, birthDate, phone, address };
  const { key, newKey } = keyOf(keyring, { id, wrapped });
  const traits = organisationId === null ? readTraits(participant, readAddress ?? (() => null)) : null;
  const number = traits === null ? usableCitizenId(citizenId) : traits.citizenId?.valid ? traits.citizenId.text : null;
  const born = birthDate ?? (number === null ? null : birthDateOf(number));
  const bornHash = born === null ? null : keyring.hash('index.hash', 'birthDate', born);
  return {
    id,
    recordId: record.id,
    ref: participant.ref,
    role: participant.role,
    organisationId,
    sex: participant.sex,
    cipher: key.seal(JSON.stringify(content), id),
    // Nobody's name: it must not agree with another nobody's.
    nameHash: normaliseName(name) === '' ? keyring.hash('index.hash', 'nameless', id) : nameHash(keyring, name),
    nameTokens: nameTokens(keyring, name),
    citizenIdHash: number === null || organisationId !== null ? null : keyring.hash('index.hash', 'citizenId', number),
    birthHash: birthDate === null ? null : bornHash,
    bornHash,
    phoneHash: phoneHash(keyring, phone),
    birthYear: born === null ? null : Number(born.slice(0, 4)),
    blocking: traits === null ? NO_HASHES : hashBlockingKeys(keyring, traits),
    traits: readAddress === null ? null : traits,
    newKey,
  };
}

export const sealKey = (keyring: Keyring, row: { readonly id: string; readonly key: string }): Buffer =>
  keyring.seal('index.cipher', row.key, row.id);

/** The department's own key of a record. */
export const openKey = (keyring: Keyring, recordId: string, keyCipher: Buffer): string =>
  keyring.open('index.cipher', keyCipher, recordId).toString();

/** Nothing is left of what was erased. */
const ERASED: MentionContent = { name: '', citizenId: null, birthDate: null, phone: null, address: null };

export function openMention(
  keyring: Keyring,
  mention: { readonly mentionId: string; readonly cipher: Buffer; readonly wrapped: Buffer | null },
): MentionContent {
  const { mentionId: owner, cipher, wrapped } = mention;
  const text = openOwned(keyring, 'index.cipher', { owner, wrapped }, cipher, owner);
  return text === null ? ERASED : (JSON.parse(text) as MentionContent);
}
