/**
 * The newest checkpoint that may have been published, kept outside the database. A database that was restored from an older
 * backup knows nothing of what was published since: going on from it would give two trees the same name.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../platform/sync-folder.ts';

export interface Anchor {
  /** The note as it was kept; null when there is none yet. */
  read(): Promise<string | null>;
  /** Durable when it resolves. */
  keep(note: string): Promise<void>;
}

export function fileAnchor(folder: string): Anchor {
  const file = join(folder, 'checkpoint');
  return {
    async read() {
      try {
        return await readFile(file, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    },
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
      // Crash here: the older one stands, and nothing newer has been published.
      await rename(fresh, file);
      await syncFolder(folder);
    },
  };
}
