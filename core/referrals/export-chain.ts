/**
 * A chain of referrals with the proof that nothing of it was changed or left out. First an entry is appended that lists every
 * referral of it with its last event; once that is published, everything is written with its way to the checkpoint.
 */
import type { Actor } from '../audit/actor.ts';
import { audit } from '../audit/audit.ts';
import { CHAIN_FORMAT, CHAIN_MANIFEST, writeChainFile, type ChainManifest } from '../audit/log/chain-file.ts';
import type { Opening } from '../audit/log/commitment.ts';
import { nodesFrom, type TileReader } from '../audit/log/tile.ts';
import { proveInclusion } from '../audit/log/tree.ts';
import { publishedLog } from '../audit/read-log.ts';
import { storedTiles } from '../audit/tile-store.ts';
import type { Db, Queryable } from '../platform/db.ts';
import { AppError } from '../platform/errors.ts';
import { newId } from '../platform/id.ts';
import type { Keyring } from '../platform/keyring.ts';
import { openOwned } from '../platform/owned.ts';
import type { EventWords, ReferralEvent } from './event.ts';
import { wordsOpening } from './log-event.ts';

export interface ExportDeps {
  readonly db: Db;
  readonly keyring: Keyring;
  readonly wall: () => Date;
  /** Resolves when the log has published what was committed before; rejects when it takes too long. */
  readonly untilPublished: (isPublished: () => Promise<boolean>) => Promise<void>;
  /** Of what one entry lists of the chain: an entry of a log has 65,535 bytes (C2SP tlog-tiles). */
  readonly partBytes?: number;
}

export interface ExportedChain {
  /** What `maplebridge audit verify` reads. */
  readonly file: string;
  /** The signed note under which everything in it stands. */
  readonly checkpoint: string;
  readonly complete: boolean;
}

interface ListedReferral {
  readonly id: string;
  readonly rootId: string;
  readonly sequence: number;
  readonly leaf: Buffer | null;
  readonly isShown: boolean;
}

// In one statement, so that all are as they were at one moment.
const LISTED = `
select r.id, r.root_id as "rootId", r.last_leaf as leaf,
  (select max(e.sequence) from referral_event e where e.referral_id = r.id) as sequence,
  $2::text is null or exists (select from referral_sight s where s.referral_id = r.id and s.organisation_id = $2) as "isShown"
from referral asked join referral r on r.root_id = asked.root_id where asked.id = $1 order by r.opened_at, r.id`;

const WORDS = `select e.id, e.referral_id as "referralId", e.sequence, e.type, e.actor_organisation_id as "actorOrganisationId",
  e.body, e.words_cipher as cipher, k.wrapped
from referral_event e left join data_key k on k.id = e.referral_id
where e.referral_id = any($1) and e.words_cipher is not null and length(k.wrapped) is distinct from 0 order by e.referral_id, e.sequence`;

/** What was said, by what it is decided whether it is opened. */
export interface SaidWords {
  readonly referralId: string;
  readonly type: ReferralEvent['type'];
  readonly actorOrganisationId: string | null;
}

interface WordsRow extends SaidWords {
  readonly id: string;
  readonly sequence: number;
  readonly body: object;
  readonly cipher: Buffer;
  readonly wrapped: Buffer | null;
}

const PLACED = `
select l.index, convert_from(l.bytes, 'UTF8') as entry from audit_about a join audit_leaf l on l.index = a.index
where a.about = $1 and l.kind = '${CHAIN_MANIFEST}' order by l.index`;

const EVENTS = `
select l.index, convert_from(l.bytes, 'UTF8') as entry from audit_about a join audit_leaf l on l.index = a.index
where a.about = any($1) and l.subject = a.about and starts_with(l.kind, 'referral.') and l.index < $2 order by l.index`;

interface Placed {
  readonly index: number;
  readonly entry: string;
}

interface LoggedBody {
  readonly subject: string;
  /** `what`: null where it was committed to together with the words. */
  readonly body: { readonly sequence: number; readonly what: object | null };
}

/** Each tile is read once, however many proofs go through it. */
function cached(read: TileReader): TileReader {
  const known = new Map<string, Awaited<ReturnType<TileReader>>[number]>();
  return async (tiles) => {
    const keyOf = ({ level, index }: (typeof tiles)[number]): string => `${level}/${index}`;
    const missing = tiles.filter((tile) => !known.has(keyOf(tile)));
    const found = await read(missing);
    missing.forEach((tile, at) => known.set(keyOf(tile), found[at] ?? []));
    return tiles.map((tile) => known.get(keyOf(tile)) ?? []);
  };
}

const notFound = (): AppError => new AppError('NOT_FOUND', 'There is no such referral.', { details: { field: 'id' } });

export interface ChainAsked {
  readonly referralId: string;
  /** As far as it may see the chain; null for all of it. */
  readonly organisation: string | null;
  readonly actor: Actor | null;
  /** Of an event's words whether they are opened; the others stay commitments, like those that were erased (domain rules 7, 8). */
  readonly mayOpen: (words: SaidWords) => boolean;
}

/** Throws NOT_FOUND when the organisation sees nothing of it. */
export async function exportChain(deps: ExportDeps, asked: ChainAsked): Promise<ExportedChain> {
  const { referralId, organisation, actor, mayOpen } = asked;
  const { db, keyring, wall, untilPublished, partBytes = PART_BYTES } = deps;
  const exportId = newId('exp', wall());
  const { parts, words } = await db.tx(async (tx) => {
    const listed = await tx.query<ListedReferral>(LISTED, [referralId, organisation]);
    const shown = listed.filter(({ isShown }) => isShown);
    const [first] = shown;
    if (!first || !shown.some(({ id }) => id === referralId)) throw notFound();
    const said = (await tx.query<WordsRow>(WORDS, [shown.map(({ id }) => id)])).filter(mayOpen);
    const referrals = shown.map(({ id, sequence, leaf }) => {
      if (leaf === null)
        throw new AppError('INTERNAL', 'This chain began before there was an audit log: it cannot be proved.');
      const spoken = said.filter((row) => row.referralId === id).map((row) => row.sequence);
      return { id, sequence, leaf: leaf.toString('base64'), words: spoken };
    });
    const complete = shown.length === listed.length;
    const pieces = inPieces(referrals, partBytes);
    const manifests = pieces.map((piece, index): ChainManifest => ({
      ...{ part: index + 1, parts: pieces.length, root: first.rootId, complete, referrals: piece },
    }));
    const at = wall();
    await audit.append(
      tx,
      ...manifests.map((body) => ({
        ...{ kind: CHAIN_MANIFEST, subject: exportId, actor, at, body },
        about: body.referrals.map(({ id }) => id),
      })),
    );
    return { parts: manifests, words: said };
  });
  // Crash here: an entry says that the chain was asked for, and nothing has left the house.
  const placed = (): Promise<Placed[]> => db.query<Placed>(PLACED, [exportId]);
  await untilPublished(async () => {
    const [places, log] = await Promise.all([placed(), publishedLog(db)]);
    return places.length === parts.length && log !== null && places.every(({ index }) => index < log.size);
  });
  const complete = parts.every((part) => part.complete);
  return { ...(await writeFile(db, keyring, parts, words, await placed())), complete };
}

const PART_BYTES = 50_000;

/** As many of them together as fit. */
function inPieces<T>(all: readonly T[], most: number): T[][] {
  const pieces: T[][] = [];
  let left = 0;
  for (const one of all) {
    const bytes = JSON.stringify(one).length;
    if (bytes > left) {
      pieces.push([]);
      left = most;
    }
    pieces.at(-1)?.push(one);
    left -= bytes;
  }
  return pieces;
}

async function writeFile(
  q: Queryable,
  keyring: Keyring,
  parts: readonly ChainManifest[],
  words: readonly WordsRow[],
  manifest: readonly Placed[],
): Promise<Pick<ExportedChain, 'file' | 'checkpoint'>> {
  const log = await publishedLog(q);
  const [first] = manifest;
  if (log === null || !first) throw new AppError('INTERNAL', 'The audit log has lost an entry.');
  const read = nodesFrom(cached(storedTiles(q)));
  const last = new Map(parts.flatMap(({ referrals }) => referrals.map(({ id, sequence }) => [id, sequence])));
  const openings = new Map(words.map((row) => [`${row.referralId} ${row.sequence}`, row]));
  const prove = async ({ index, entry }: Placed) => ({
    ...{ index, entry },
    proof: (await proveInclusion(index, log.size, read)).map((hash) => hash.toString('base64')),
  });
  const events = [];
  for (const placed of await q.query<Placed>(EVENTS, [[...last.keys()], first.index])) {
    const { subject, body } = JSON.parse(placed.entry) as LoggedBody;
    // It has gone on since the manifest was written.
    if (body.sequence > (last.get(subject) ?? 0)) continue;
    const said = openings.get(`${subject} ${body.sequence}`);
    events.push({ ...(await prove(placed)), ...(said && { words: openingOf(keyring, said, body.what === null) }) });
  }
  const listing = [];
  for (const part of manifest) listing.push(await prove(part));
  const file = { format: CHAIN_FORMAT, checkpoint: log.note, manifest: listing, events } as const;
  return { file: writeChainFile(file), checkpoint: log.note };
}

/** Read in the transaction of the manifest: what is erased at this moment is still in this file. */
function openingOf(keyring: Keyring, { id, referralId, body, cipher, wrapped }: WordsRow, withBody: boolean): Opening {
  const holder = { owner: referralId, wrapped };
  const words = JSON.parse(openOwned(keyring, 'referral', holder, cipher, id) ?? '{}') as EventWords;
  return wordsOpening(keyring, holder, { id, words, what: withBody ? body : undefined });
}
