/**
 * The newest checkpoint that may have been published, kept outside the database. A database that was restored from an older
 * backup knows nothing of what was published since: going on from it would give two trees the same name.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../platform/errors.ts';
import { syncFolder } from '../platform/sync-folder.ts';
import { parseCheckpoint } from './log/checkpoint.ts';
import { parseNote } from './log/note.ts';

export interface Anchor {
  /** The note as it was kept; null when there is none yet. */
  read(): Promise<string | null>;
  /** Durable when it resolves. */
  keep(note: string): Promise<void>;
}

const sizeOf = (note: string): number => parseCheckpoint(parseNote(note).text).size;

export function fileAnchor(folder: string): Anchor {
  const file = join(folder, 'checkpoint');
  async function read(): Promise<string | null> {
    try {
      return await readFile(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }
  return {
    read,
    async keep(note) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const fresh = `${file}.${process.pid}`;
      const handle = await open(fresh, 'w', 0o600);
      try {
        await handle.writeFile(note);
        await handle.sync();
      } finally {
        await handle.close();
      }
      // Whoever was stopped for so long that another has gone on must not take back what is known.
      const kept = await read();
      if (kept !== null && sizeOf(kept) > sizeOf(note))
        throw new AppError('INTERNAL', 'A newer checkpoint is kept already: another sequencer has gone on.');
      // Crash here: the older one stands, and nothing newer has been published.
      await rename(fresh, file);
      await syncFolder(folder);
    },
  };
}
