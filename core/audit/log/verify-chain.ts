/**
 * Checks an exported chain off line, with the log's public key alone. Nothing here is imported from anywhere but this folder and
 * Node: read it, copy it, or write it again from docs/audit.md.
 */
import { parseCheckpoint } from './checkpoint.ts';
import type { ChainManifest, ProvenEntry } from './chain-file.ts';
import { opens } from './commitment.ts';
import { NoteFault, parseNote, type Note, type NoteVerifier } from './note.ts';
import {
  ChainFault,
  hash,
  parseChainFile,
  parseEvent,
  parseManifest,
  type LoggedEvent,
  type LoggedManifest,
} from './parse-chain.ts';
import { isIncluded } from './proof.ts';
import { leafHash, type Hash } from './tree.ts';

export interface ChainKeys {
  /** The log's. */
  readonly log: NoteVerifier;
  /** Of departments that co-sign. */
  readonly witnesses: readonly NoteVerifier[];
  /** How many of them must have signed; by default all. */
  readonly required?: number;
}

export interface VerifiedChain {
  readonly origin: string;
  /** Entries of the log under the checkpoint. */
  readonly size: number;
  /** The root referral. */
  readonly root: string;
  readonly referrals: number;
  readonly events: number;
  /** When the chain was as the file says. */
  readonly at: string;
  /** False: it has referrals that whoever asked for the file may not see. */
  readonly complete: boolean;
  /** Events whose words are in the file, as committed. */
  readonly opened: number;
  /** Events whose words are not in it: erased. */
  readonly erased: number;
  /** Names of the witnesses that co-signed. */
  readonly witnesses: readonly string[];
}

/** Every signature must be of a key that was given: one that nobody checks could be anything. */
function checkSignatures(
  { text, signatures }: Note,
  { log, witnesses, required = witnesses.length }: ChainKeys,
): string[] {
  const signed = signatures.map((signature) => {
    const verifier = [log, ...witnesses].find((one) => one.name === signature.name && one.keyId === signature.keyId);
    if (!verifier) throw new ChainFault(`The checkpoint is signed by ${signature.name}, whose key was not given.`);
    if (!verifier.check(text, signature))
      throw new ChainFault(`The signature of ${signature.name} is not over this checkpoint.`);
    return verifier;
  });
  if (new Set(signed).size < signed.length) throw new ChainFault('The checkpoint is signed twice by one key.');
  if (!signed.includes(log)) throw new ChainFault('The checkpoint is not signed by the log.');
  const cosigned = signed.filter((verifier) => verifier !== log);
  // Their signatures can be taken away without touching another: whoever names them asks for them.
  if (cosigned.length < required)
    throw new ChainFault(
      `The checkpoint is signed by ${cosigned.length} of the ${required} witnesses that were asked for.`,
    );
  return cosigned.map(({ name }) => name);
}

interface Tree {
  readonly size: number;
  readonly root: Hash;
}

/** Returns its leaf. */
function checkPlace({ index, entry, proof }: ProvenEntry, { size, root }: Tree, where: string): Hash {
  const leaf = leafHash(Buffer.from(entry, 'utf8'));
  const hashes = proof.map((one) => hash(one, where));
  if (!isIncluded({ leaf, index, size, root, proof: hashes }))
    throw new ChainFault(`${where} does not stand at place ${index} of the log.`);
  return leaf;
}

interface PlacedEvent extends LoggedEvent {
  readonly where: string;
  readonly leaf: string;
  readonly isOpened: boolean;
}

/** The events of one referral, from its first to the last that the manifest names, each naming the one before it. */
function checkReferral({ id, ...last }: ChainManifest['referrals'][number], events: readonly PlacedEvent[]): void {
  let previous: string | null = null;
  events.forEach(({ where, sequence, leaf, ...event }, index) => {
    if (sequence !== index + 1)
      throw new ChainFault(`${where}: event ${index + 1} of ${id} is missing or out of order.`);
    if (event.previous !== previous) throw new ChainFault(`${where} does not follow the event before it.`);
    if (event.isOpened !== last.words.includes(sequence))
      throw new ChainFault(
        `${where}: what was said is ${event.isOpened ? 'in the file' : 'missing'}, unlike when it was exported.`,
      );
    previous = leaf;
  });
  if (events.length !== last.sequence || previous !== last.leaf)
    throw new ChainFault(`${id} has ${last.sequence} events, and the file has ${events.length} of them.`);
}

interface WholeManifest extends Pick<LoggedManifest, 'at' | 'root' | 'complete' | 'referrals'> {
  /** Of its first part. */
  readonly index: number;
}

/** All its parts, of one export, in their order. */
function checkManifest(entries: readonly ProvenEntry[], tree: Tree): WholeManifest {
  const parts = entries.map((entry, at) => {
    checkPlace(entry, tree, `Part ${at + 1} of the manifest`);
    return parseManifest(entry.entry);
  });
  const [first] = parts;
  const [placed] = entries;
  if (!first || !placed) throw new ChainFault('The file has no manifest.');
  parts.forEach((part, at) => {
    if (part.part !== at + 1 || part.parts !== parts.length)
      throw new ChainFault(`Part ${at + 1} of the manifest is missing or out of order.`);
    const isOfOne =
      part.subject === first.subject &&
      part.root === first.root &&
      part.complete === first.complete &&
      part.at === first.at;
    if (!isOfOne) throw new ChainFault(`Part ${at + 1} of the manifest is of another export.`);
  });
  const { at, root, complete } = first;
  return { at, root, complete, referrals: parts.flatMap(({ referrals }) => referrals), index: placed.index };
}

/** Throws a ChainFault that says which entry fails, and why. */
export function verifyChain(written: string, keys: ChainKeys): VerifiedChain {
  try {
    return verify(written, keys);
  } catch (error) {
    if (error instanceof NoteFault) throw new ChainFault(`The checkpoint: ${error.message}`);
    throw error;
  }
}

function verify(written: string, keys: ChainKeys): VerifiedChain {
  const file = parseChainFile(written);
  const note = parseNote(file.checkpoint);
  const witnesses = checkSignatures(note, keys);
  const { origin, size, root } = parseCheckpoint(note.text);
  if (origin !== keys.log.name) throw new ChainFault(`This is a checkpoint of ${origin}, not of ${keys.log.name}.`);
  const manifest = checkManifest(file.manifest, { size, root });

  let before = -1;
  let [opened, erased] = [0, 0];
  const byReferral = new Map<string, PlacedEvent[]>(manifest.referrals.map(({ id }) => [id, []]));
  if (byReferral.size !== manifest.referrals.length) throw new ChainFault('The manifest names a referral twice.');
  file.events.forEach((entry, at) => {
    const where = `Entry ${at + 1} (place ${entry.index})`;
    if (entry.index <= before) throw new ChainFault(`${where} is not in the order of the log.`);
    if (entry.index >= manifest.index) throw new ChainFault(`${where} came after the manifest.`);
    before = entry.index;
    const leaf = checkPlace(entry, { size, root }, where).toString('base64');
    const event = parseEvent(entry.entry, where);
    const events = byReferral.get(event.referral);
    if (!events) throw new ChainFault(`${where} is of ${event.referral}, which the manifest does not name.`);
    events.push({ ...event, where, leaf, isOpened: entry.words !== undefined });
    if (entry.words && !(event.words && opens(entry.words, event.words)))
      throw new ChainFault(`${where}: what was said is not what the entry committed to.`);
    if (entry.words) opened += 1;
    else if (event.words) erased += 1;
  });

  for (const last of manifest.referrals) checkReferral(last, byReferral.get(last.id) ?? []);
  for (const events of byReferral.values())
    for (const { where, child, parent, referral } of events) {
      if (child !== null && manifest.complete && !byReferral.has(child))
        throw new ChainFault(`${where} opened ${child}, which is not in the file.`);
      if (parent !== null && manifest.complete && !byReferral.has(parent))
        throw new ChainFault(`${where}: ${referral} belongs below ${parent}, which is not in the file.`);
    }
  if (!byReferral.has(manifest.root) && manifest.complete)
    throw new ChainFault('The root of the chain is not in the file.');
  return {
    ...{ origin, size, root: manifest.root, at: manifest.at, complete: manifest.complete, witnesses },
    ...{ referrals: manifest.referrals.length, events: file.events.length, opened, erased },
  };
}
