/** A log on a database of its own: entries to append, a sequencer that may be broken, and what came of it. */
import { randomBytes } from 'node:crypto';
import { audit } from '../../core/audit/audit.ts';
import type { Anchor } from '../../core/audit/anchor.ts';
import { parseCheckpoint } from '../../core/audit/log/checkpoint.ts';
import { createNoteSigner, parseNote, parseVerifierKey } from '../../core/audit/log/note.ts';
import { createSequencer, type Sequencer } from '../../core/audit/sequencer.ts';
import { noWitnesses, type Witnesses } from '../../core/audit/witness.ts';
import type { Db, Queryable } from '../../core/platform/db.ts';
import { systemClock } from '../../core/platform/clock.ts';
import { naiveRoot } from './naive-log.ts';

export const LOG_ORIGIN = 'county.example/audit';
const signer = createNoteSigner(LOG_ORIGIN, Buffer.alloc(32, 7));
export const logVerifier = parseVerifierKey(signer.vkey);

/** As a file, without the file. */
export function memoryAnchor(): Anchor & { note: string | null } {
  const anchor = {
    note: null as string | null,
    read: () => Promise.resolve(anchor.note),
    keep(note: string) {
      anchor.note = note;
      return Promise.resolve();
    },
  };
  return anchor;
}

export function testSequencer(
  db: Db,
  anchor: Anchor,
  options: { readonly witnesses?: Witnesses; readonly now?: () => Date } = {},
): Sequencer {
  const clock = { wall: options.now ?? (() => systemClock.wall()) };
  return createSequencer({
    ...{ db, anchor, clock, origin: LOG_ORIGIN, signer: () => signer },
    witnesses: options.witnesses ?? noWitnesses,
  });
}

/** `count` entries, each with something of its own. */
export async function appendSome(q: Queryable, count: number, kind = 'test.done'): Promise<void> {
  const at = systemClock.wall();
  await audit.append(
    q,
    ...Array.from({ length: count }, (_, number) => ({
      ...{ kind, subject: `sub_${number % 10}`, actor: null, at },
      body: { number, random: randomBytes(8).toString('hex') },
    })),
  );
}

/** Every fault of what is stored: a place twice or missing, a root that the entries do not have, a checkpoint that nobody signed. */
export async function logFaults(q: Queryable): Promise<string[]> {
  const leaves = await q.query<{ index: number; bytes: Buffer }>(
    'select index, bytes from audit_leaf order by index',
    [],
  );
  const head = await q.one<{ size: number; root: Buffer; note: string; noteSize: number }>(
    'select size, root, note, note_size as "noteSize" from audit_head',
    [],
  );
  const faults = leaves.flatMap(({ index }, place) => (index === place ? [] : [`place ${place} holds ${index}`]));
  if (head.size !== leaves.length) faults.push(`the head says ${head.size} of ${leaves.length} entries`);
  const entries = leaves.map(({ bytes }) => bytes);
  if (!naiveRoot(entries).equals(head.root)) faults.push('the root is not that of the entries');
  if (head.note !== '') {
    const { text, signatures } = parseNote(head.note);
    const checkpoint = parseCheckpoint(text);
    if (!signatures.some((signature) => logVerifier.check(text, signature)))
      faults.push('nobody signed the checkpoint');
    if (checkpoint.size !== head.noteSize) faults.push('the checkpoint is of another size than the head says');
    if (!naiveRoot(entries.slice(0, checkpoint.size)).equals(checkpoint.root))
      faults.push('the checkpoint is not of these entries');
  }
  return faults;
}
