/** The log as it is published: its checkpoint, proofs under it, its entries. Nothing beyond the checkpoint is shown to anybody. */
import type { Queryable } from '../platform/db.ts';
import { badInput } from '../platform/errors.ts';
import { nodesFrom, TILE_WIDTH, widthIn, type TileId } from './log/tile.ts';
import { proveConsistency, proveInclusion, type Hash } from './log/tree.ts';
import { storedTiles } from './tile-store.ts';

export interface PublishedLog {
  readonly origin: string;
  /** How many entries the checkpoint covers. */
  readonly size: number;
  /** The checkpoint, signed (C2SP tlog-checkpoint); empty before the first. */
  readonly note: string;
}

const PUBLISHED = 'select origin, note_size as size, note from audit_head';

/** Null before the first checkpoint. */
export async function publishedLog(q: Queryable): Promise<PublishedLog | null> {
  const log = await q.maybeOne<PublishedLog>(PUBLISHED, []);
  return log && log.note !== '' ? log : null;
}

const LAG = `
select greatest(0, extract(epoch from clock_timestamp() - least(
    (select min(appended_at) from audit_entry),
    (select l.at from audit_head h join audit_leaf l on l.index = h.note_size where h.note_size < h.size))) * 1000)::float8 as waiting,
  (select count(*) from audit_entry) as entries`;

export interface LogLag {
  /** Milliseconds for which the oldest entry without a place has waited; 0 when none does. */
  readonly lagMs: number;
  readonly waiting: number;
}

export async function logLag(q: Queryable): Promise<LogLag> {
  const { waiting, entries } = await q.one<{ waiting: number | null; entries: number }>(LAG, []);
  return { lagMs: Math.round(waiting ?? 0), waiting: entries };
}

const publishedSize = async (q: Queryable): Promise<number> => (await publishedLog(q))?.size ?? 0;

async function requirePublished(q: Queryable, field: string, size: number): Promise<void> {
  const published = await publishedSize(q);
  if (size > published)
    throw badInput(field, `\`${field}\` is beyond the published log, which has ${published} entries.`);
}

export interface Inclusion {
  readonly leaf: Hash;
  readonly hashes: readonly Hash[];
}

/** That entry `index` stands in the log of `treeSize`. Throws BAD_USER_INPUT for what is not published. */
export async function inclusionOf(q: Queryable, index: number, treeSize: number): Promise<Inclusion> {
  await requirePublished(q, 'treeSize', treeSize);
  if (index < 0 || index >= treeSize) throw badInput('index', '`index` is from 0 to below `treeSize`.');
  const read = nodesFrom(storedTiles(q));
  const [[leaf], hashes] = await Promise.all([read([{ level: 0, index }]), proveInclusion(index, treeSize, read)]);
  return { leaf: leaf as Hash, hashes };
}

/** That the log of `to` entries begins with that of `from`. Throws BAD_USER_INPUT for what is not published. */
export async function consistencyOf(q: Queryable, from: number, to: number): Promise<readonly Hash[]> {
  await requirePublished(q, 'to', to);
  if (from < 1 || from > to) throw badInput('from', '`from` is from 1 to `to`.');
  return proveConsistency(from, to, nodesFrom(storedTiles(q)));
}

/** Null for a tile, or a width of one, that the published log does not have. */
export async function tileOf(q: Queryable, id: TileId, width: number): Promise<Buffer | null> {
  if (width > widthIn(await publishedSize(q), id)) return null;
  const [hashes = []] = await storedTiles(q)([id]);
  return Buffer.concat(hashes.slice(0, width));
}

const ENTRIES = 'select bytes from audit_leaf where index >= $1 and index < $2 order by index';

/** Entries of a leaf tile, each behind its length in two bytes (C2SP tlog-tiles). Null as above, and for what is no longer kept. */
export async function entryBundle(q: Queryable, index: number, width: number): Promise<Buffer | null> {
  if (width > widthIn(await publishedSize(q), { level: 0, index })) return null;
  const first = index * TILE_WIDTH;
  const entries = await q.query<{ bytes: Buffer }>(ENTRIES, [first, first + width]);
  if (entries.length < width) return null;
  return Buffer.concat(
    entries.flatMap(({ bytes }) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(bytes.length);
      return [length, bytes];
    }),
  );
}
