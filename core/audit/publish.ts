/** Makes a head public: signed, kept outside the database, co-signed by as many departments as the county asks for. */
import type { Db, Queryable } from '../platform/db.ts';
import { AppError } from '../platform/errors.ts';
import type { Anchor } from './anchor.ts';
import { parseCheckpoint, writeCheckpoint, type Checkpoint } from './log/checkpoint.ts';
import { parseNote, writeNote, type NoteSigner } from './log/note.ts';
import { nodesFrom } from './log/tile.ts';
import { rootOf } from './log/tree.ts';
import type { Head } from './sequence.ts';
import { storedTiles } from './tile-store.ts';
import type { Witnesses } from './witness.ts';

export interface PublishDeps {
  readonly db: Db;
  readonly signer: (origin: string) => NoteSigner;
  readonly anchor: Anchor;
  readonly witnesses: Witnesses;
}

const PUBLISH = `update audit_head set note = $1, note_size = $2 where size >= $2 and (note_size < $2 or note = '')`;

export async function publish({ db, signer, anchor, witnesses }: PublishDeps, head: Head): Promise<void> {
  const text = writeCheckpoint(head);
  const signed = { text, signatures: [signer(head.origin).sign(text)] };
  // Before any witness sees it: it has left the house then. Under the head's lock, and only while nobody has gone on: the anchor
  // never goes back, whoever comes late.
  const isNewest = await db.tx(async (tx) => {
    const { size, root } = await tx.one<Head>('select origin, size, root from audit_head for update', []);
    if (size !== head.size || !root.equals(head.root)) return false;
    await assertContinues(tx, anchor, head);
    await anchor.keep(writeNote(signed));
    return true;
  });
  if (!isNewest) return;
  const cosignatures = await witnesses.cosign(head, writeNote(signed));
  const note = writeNote({ text, signatures: [...signed.signatures, ...cosignatures] });
  // Crash here: the anchor is ahead of what is public, never of what is stored. The next round publishes this head or a later one.
  await db.query(PUBLISH, [note, head.size]);
}

const forked = (why: string): AppError =>
  new AppError(
    'INTERNAL',
    `${why} Going on would fork the audit log, so nothing is added to it. Restore a backup that is at least as new as the last published checkpoint.`,
  );

/** Refuses a tree that does not continue what was published: `anchor`'s checkpoint must be this tree's past. */
export async function assertContinues(db: Queryable, anchor: Anchor, head: Head): Promise<void> {
  const kept = await anchor.read();
  const { restored } = await db.one<{ restored: boolean }>('select is_restored as restored from audit_head', []);
  if (kept === null && restored)
    throw new AppError(
      'INTERNAL',
      'This database was restored, and nothing here tells what was published last: going on could fork the audit log. Put the newest checkpoint that anybody has kept (an auditor, a witness) into audit/checkpoint in MAPLEBRIDGE_DATA.',
    );
  if (kept === null) return;
  const published: Checkpoint = parseCheckpoint(parseNote(kept).text);
  if (published.origin !== head.origin) throw forked(`This database holds another log than ${published.origin}.`);
  if (published.size > head.size)
    throw forked(`${published.size} entries were published, and this database ends after ${head.size}.`);
  const root = await rootOf(published.size, nodesFrom(storedTiles(db)));
  if (!root.equals(published.root))
    throw forked(`The first ${published.size} entries are not those that were published.`);
  if (restored) await db.query('update audit_head set is_restored = false', []);
}

/** For whoever restores a backup. */
export const markRestored = async (q: Queryable): Promise<void> => {
  await q.query('update audit_head set is_restored = true', []);
};
