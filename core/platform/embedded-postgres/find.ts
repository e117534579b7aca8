import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPlausible, readPostmasterPid } from './postmaster.ts';

/** The address of the server that serves a folder right now, with the password; null when none does. Starts nothing. */
export function findEmbeddedPostgres(dir: string): string | null {
  const data = join(dir, 'data');
  const secret = join(dir, 'password');
  const postmaster = readPostmasterPid(data);
  if (!postmaster?.port || !isPlausible(data, postmaster) || !existsSync(secret)) return null;
  return `postgres://maplebridge:${readFileSync(secret, 'utf8').trim()}@127.0.0.1:${postmaster.port}/maplebridge`;
}
