/**
 * One process at a time changes an installation folder. Node has no flock, so the lock is a symbolic link whose text names
 * its holder: made in one step or not at all, and, unlike a file, also on a full disk.
 */
import { randomBytes } from 'node:crypto';
import { readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import { processMark } from './process-facts.ts';

/** True when `act` worked, false when it failed with this code. */
const worked = (code: string, act: () => void): boolean => {
  try {
    act();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return false;
    throw error;
  }
};

const holderOf = (file: string): string | null => {
  let text: string | null = null;
  worked('ENOENT', () => (text = readlinkSync(file)));
  return text;
};

const isStale = (holder: string): boolean => {
  const [pid, mark] = holder.split('|');
  return processMark(Number(pid)) !== mark;
};

/** Takes away what a dead holder left; puts it back if in the meantime a living one has taken its place. */
function removeStale(file: string, seen: string): void {
  const aside = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  if (!worked('ENOENT', () => renameSync(file, aside))) return;
  const taken = holderOf(aside);
  if (taken !== null && taken !== seen) worked('EEXIST', () => symlinkSync(taken, file));
  rmSync(aside, { force: true });
}

export async function withFolderLock<T>(dir: string, fn: () => Promise<T>, waitMs = 120_000): Promise<T> {
  const file = join(dir, 'lock');
  const holder = [process.pid, processMark(process.pid), randomBytes(4).toString('hex')].join('|');
  const until = performance.now() + waitMs;
  while (!worked('EEXIST', () => symlinkSync(holder, file))) {
    const seen = holderOf(file);
    if (seen !== null && isStale(seen)) removeStale(file, seen);
    else if (performance.now() > until)
      throw new AppError('INTERNAL', `Another Maplebridge process keeps ${dir} locked; stop it, or remove ${file}.`);
    else await delay(50);
  }
  try {
    return await fn();
  } finally {
    if (holderOf(file) === holder) rmSync(file, { force: true });
  }
}
