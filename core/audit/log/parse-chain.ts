/** Reads a chain file strictly: what is not expected there is a fault, so that nothing unvouched-for can be added. */
import { canonicalJson, type Json } from './canonical.ts';
import { CHAIN_FORMAT, CHAIN_MANIFEST, type ChainFile, type ChainManifest, type EventEntry } from './chain-file.ts';
import type { Commitment, Opening } from './commitment.ts';

/** What is wrong with the file, and where. */
export class ChainFault extends Error {}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object with these fields, and perhaps those; nothing else. */
function object(value: unknown, where: string, fields: readonly string[], perhaps: readonly string[] = []): Fields {
  if (!isObject(value)) throw new ChainFault(`${where} is no object.`);
  for (const field of fields) if (!(field in value)) throw new ChainFault(`${where} has no "${field}".`);
  for (const field of Object.keys(value))
    if (!fields.includes(field) && !perhaps.includes(field))
      throw new ChainFault(`${where} has "${field}", which does not belong there.`);
  return value;
}

function text(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new ChainFault(`${where} is no text.`);
  return value;
}

function count(value: unknown, where: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new ChainFault(`${where} is no count.`);
  return value as number;
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ChainFault(`${where} is no list.`);
  return value as readonly unknown[];
}

const HASH_BYTES = 32;

/** 32 bytes in base64, written in the one way there is. */
export function hash(value: unknown, where: string): Buffer {
  const encoded = text(value, where);
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length !== HASH_BYTES || bytes.toString('base64') !== encoded) throw new ChainFault(`${where} is no hash.`);
  return bytes;
}

function opening(value: unknown, where: string): Opening {
  const fields = object(value, where, ['salt', 'value']);
  return { salt: hash(fields['salt'], `${where}.salt`).toString('base64'), value: fields['value'] as Json };
}

function entry(value: unknown, where: string, perhaps: readonly string[]): EventEntry {
  const fields = object(value, where, ['index', 'entry', 'proof'], perhaps);
  return {
    index: count(fields['index'], `${where}.index`),
    entry: text(fields['entry'], `${where}.entry`),
    proof: list(fields['proof'], `${where}.proof`).map((one, at) =>
      hash(one, `${where}.proof[${at}]`).toString('base64'),
    ),
    ...('words' in fields && { words: opening(fields['words'], `${where}.words`) }),
  };
}

function parseJson(written: string, what: string): unknown {
  let value: unknown;
  let canonical: string;
  try {
    value = JSON.parse(written);
    // What has no canonical form (half a character, a number beyond all bounds, a nesting without end) throws too.
    canonical = canonicalJson(value as Json);
  } catch {
    throw new ChainFault(`${what} is no JSON.`);
  }
  if (canonical !== written) throw new ChainFault(`${what} is not written as RFC 8785 asks.`);
  return value;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The file's text. Read leniently, a byte that is no text would be the character that stands for such, which words may hold too. */
export function chainText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new ChainFault('The file is no UTF-8.');
  }
}

/** Throws a ChainFault for anything but a file exactly as it was exported. */
export function parseChainFile(written: string): ChainFile {
  const file = object(parseJson(written, 'The file'), 'The file', ['format', 'checkpoint', 'manifest', 'events']);
  if (file['format'] !== CHAIN_FORMAT) throw new ChainFault(`The file is not of the format ${CHAIN_FORMAT}.`);
  return {
    format: CHAIN_FORMAT,
    checkpoint: text(file['checkpoint'], 'checkpoint'),
    manifest: list(file['manifest'], 'manifest').map((one, at) => entry(one, `manifest[${at}]`, [])),
    events: list(file['events'], 'events').map((one, at) => entry(one, `events[${at}]`, ['words'])),
  };
}

const ENTRY_FIELDS = ['actor', 'at', 'body', 'kind', 'subject'];

function parseEntry(written: string, where: string): Fields & { readonly body: Fields } {
  const fields = object(parseJson(written, where), where, ENTRY_FIELDS);
  if (!isObject(fields['body'])) throw new ChainFault(`${where} has no body.`);
  return { ...fields, body: fields['body'] };
}

export interface LoggedManifest extends ChainManifest {
  readonly at: string;
  /** Id of the export: that of all its parts. */
  readonly subject: string;
}

const MANIFEST_FIELDS = ['part', 'parts', 'root', 'complete', 'referrals'];

/** Throws a ChainFault when the entry is of another kind. */
export function parseManifest(written: string): LoggedManifest {
  const { kind, at, subject, body } = parseEntry(written, 'The manifest’s entry');
  if (kind !== CHAIN_MANIFEST) throw new ChainFault('The manifest’s entry is of another kind.');
  const { part, parts, root, complete, referrals } = object(body, 'The manifest', MANIFEST_FIELDS);
  if (typeof complete !== 'boolean') throw new ChainFault('The manifest does not say whether it is complete.');
  return {
    at: text(at, 'The manifest’s time'),
    subject: text(subject, 'The manifest’s subject'),
    part: count(part, 'The manifest’s part'),
    parts: count(parts, 'The number of the manifest’s parts'),
    root: text(root, 'The manifest’s root'),
    complete,
    referrals: list(referrals, 'The manifest’s referrals').map((one, index) => {
      const where = `referral ${index + 1} of the manifest`;
      const fields = object(one, where, ['id', 'sequence', 'leaf', 'words']);
      return {
        id: text(fields['id'], where),
        sequence: count(fields['sequence'], where),
        leaf: hash(fields['leaf'], where).toString('base64'),
        words: list(fields['words'], where).map((sequence) => count(sequence, where)),
      };
    }),
  };
}

export interface LoggedEvent {
  readonly referral: string;
  readonly sequence: number;
  /** Leaf of the event before it, base64; null for the first. */
  readonly previous: string | null;
  /** A child that this event opened. */
  readonly child: string | null;
  /** The first event names the referral above. */
  readonly parent: string | null;
  readonly words: Commitment | null;
}

/** Throws a ChainFault when the entry is not that of an event. */
export function parseEvent(written: string, where: string): LoggedEvent {
  const { kind, subject, body } = parseEntry(written, where);
  const isEvent = typeof kind === 'string' && kind.startsWith('referral.') && typeof subject === 'string';
  const { sequence, previous, type, what, words } = body;
  // Null: it is committed to together with the words.
  if (!isEvent || !(what === null || isObject(what))) throw new ChainFault(`${where} is not the entry of an event.`);
  const { child, parent } = what ?? {};
  return {
    referral: subject,
    sequence: count(sequence, `${where}: its sequence`),
    previous: previous === null ? null : hash(previous, `${where}: the leaf before it`).toString('base64'),
    child: type === 'FORWARDED' ? text(child, `${where}: its child`) : null,
    parent: type === 'OPENED' && typeof parent === 'string' ? parent : null,
    words: isObject(words) ? { commitment: hash(words['commitment'], `${where}: its words`).toString('base64') } : null,
  };
}
