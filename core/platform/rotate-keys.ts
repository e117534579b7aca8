/**
 * A new master key takes over: it wraps the root and every data key anew. What the root is (and so every keyed hash) stays. May be
 * ended at any moment and begun again; nothing is ever wrapped by none.
 */
import { rewrap, type WrappedKey } from './data-keys.ts';
import type { Db, Queryable } from './db.ts';
import { AppError } from './errors.ts';
import { loadKeyring, makeMaster, masterFile, readMasters, ROOT_FILE, rootHolder, wrapRoot } from './key-folder.ts';

export interface Rotation {
  /** The master key that wraps everything now. */
  readonly number: number;
  readonly rewrapped: number;
  /** Files of the folder that open nothing any more, here and in no backup of keys made from now on. */
  readonly retired: readonly string[];
}

export interface RotateOptions {
  readonly onProgress?: (done: number, total: number) => void;
}

export const ROTATE_LOCK = 'keys.rotate';

const NUMBER = 'get_byte(wrapped, 0) * 256 + get_byte(wrapped, 1)';
const COUNT = `select ${NUMBER} as number, count(*) as count from data_key where wrapped <> '' group by 1 order by 1`;

/** How many data keys each master key wraps. */
export const countByMaster = (q: Queryable): Promise<{ readonly number: number; readonly count: number }[]> =>
  q.query(COUNT);

async function countOlder(q: Queryable, number: number): Promise<number> {
  const older = (await countByMaster(q)).filter((one) => one.number < number);
  return older.reduce((sum, { count }) => sum + count, 0);
}

/** The one that an earlier rotation had begun with, or that was put there by hand; otherwise a new one. */
async function findMaster(db: Db, folder: string): Promise<number> {
  const newest = Math.max(0, ...readMasters(folder).keys());
  if (newest === 0) throw new AppError('BAD_USER_INPUT', 'There is no master key yet: nothing to rotate.');
  const { inUse } = await db.one<{ inUse: number }>('select coalesce(max(number), 1) as "inUse" from data_key_master');
  if (newest < inUse)
    throw new AppError(
      'INTERNAL',
      `${masterFile(inUse)} is not in the folder named by MAPLEBRIDGE_KEYS; copy it there first.`,
    );
  const begun = newest > inUse || rootHolder(folder) < newest || (await countOlder(db, newest)) > 0;
  if (begun) return newest;
  makeMaster(folder, newest + 1);
  // Crash here: the file is there and wraps nothing; the next rotation goes on with it.
  return newest + 1;
}

const NEXT = `select id as owner, wrapped from data_key where id > $1 and wrapped <> '' and ${NUMBER} < $2 order by id limit 1000`;

// Only where it still is what was read: a key that was destroyed meanwhile stays so.
const PUT = `
update data_key k set wrapped = n.wrapped from unnest($1::text[], $2::bytea[], $3::bytea[]) as n(id, old, wrapped)
where k.id = n.id and k.wrapped = n.old`;

/** Throws CONFLICT while somebody else is rotating. */
export async function rotateKeys(db: Db, folder: string, { onProgress }: RotateOptions = {}): Promise<Rotation> {
  const done = await db.tryWithAdvisoryLock(ROTATE_LOCK, async (): Promise<Rotation> => {
    const number = await findMaster(db, folder);
    if (rootHolder(folder) < number) wrapRoot(folder);
    await db.query('insert into data_key_master (number) values ($1) on conflict do nothing', [number]);
    // From here on nobody wraps by an older one; who was at it when that was said has ended once the lock is had.
    await db.tx((tx) => tx.query('lock table data_key in share mode'));

    const keyring = loadKeyring(folder, { create: false });
    const total = await countOlder(db, number);
    let rewrapped = 0;
    let after = '';
    for (;;) {
      const keys = await db.query<WrappedKey>(NEXT, [after, number]);
      const last = keys.at(-1);
      if (!last) break;
      await db.query(PUT, [
        keys.map(({ owner }) => owner),
        keys.map(({ wrapped }) => wrapped),
        keys.map((key) => rewrap(keyring, key).wrapped),
      ]);
      // Crash here: these are done; the next rotation goes on with the others.
      after = last.owner;
      rewrapped += keys.length;
      onProgress?.(rewrapped, total);
    }
    const left = await countOlder(db, number);
    if (left > 0)
      throw new AppError(
        'CONFLICT',
        `${left} keys are still wrapped by an older master key; run it again. Destroy no file.`,
      );
    const retired = [...readMasters(folder).keys()].filter((one) => one < number).map(masterFile);
    return { number, rewrapped, retired };
  });
  if (done === null) throw new AppError('CONFLICT', 'The keys are being rotated by somebody else at this moment.');
  return done.value;
}

/** What every other machine needs before an old file goes. */
export const carried = (number: number): readonly string[] => [masterFile(number), ROOT_FILE];
