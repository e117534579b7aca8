/** The file of data keys beside a backup: which one fits, and which of its keys are taken. */
import { resolve } from 'node:path';
import { keysFileOf } from './backup.ts';
import type { Manifest } from './backup-format.ts';
import type { Queryable } from './db.ts';
import { AppError } from './errors.ts';

/** Null: a backup from before there were data keys, and none named. */
export function keysFileFor(backup: string, keys: string | undefined, manifest: Manifest): string | null {
  if (keys !== undefined) return resolve(keys);
  return manifest.keys === null ? null : keysFileOf(backup);
}

/**
 * A file of keys from before the backup lacks keys of what is in it, and knows nothing of those destroyed since: people who were
 * erased would be back. Neither number ever falls, and a later file has the later time.
 */
export function refuseOlderKeys(data: Manifest, keys: Manifest): void {
  if (keys.keys === null) throw new AppError('BAD_USER_INPUT', 'The file of keys holds none.');
  const missing = (data.keys?.rows ?? 0) - keys.keys.rows;
  const destroyed = (data.keys?.destroyed ?? 0) - keys.keys.destroyed;
  if (missing <= 0 && destroyed <= 0 && Date.parse(keys.madeAt) >= Date.parse(data.madeAt)) return;
  throw new AppError(
    'BAD_USER_INPUT',
    `The file of keys is older than the backup (${keys.madeAt}, ${data.madeAt}): what it lacks could not be read, and who was erased since would be back. Give the newest (--keys); nothing was restored.`,
  );
}

/** Keys made after the moment of the backup belong to nothing in it. What was destroyed since stays destroyed. */
export async function dropLaterKeys(sql: Queryable, { madeAt }: Manifest): Promise<void> {
  await sql.query(`delete from data_key where wrapped <> '' and made_at > $1`, [madeAt]);
}
