/** Gateways of others, with lock files of their own: installed when a bench wants them, and never part of the product. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../core/platform/project-root.ts';
import { say } from './figures.ts';

const PEERS = join(projectRoot, 'test', 'bench', 'peers');

/** By its path there, without its ending. */
export const peerProgram = (path: string): string => join(PEERS, `${path}.mjs`);

function install(folder: string): void {
  const installed = join(folder, 'node_modules', '.package-lock.json');
  const lock = join(folder, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs > statSync(lock).mtimeMs) return;
  say(`Installing what ${folder} names …`);
  // Only what the lock file names, and no scripts of theirs (.npmrc).
  const { status } = spawnSync('npm', ['ci'], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`npm ci in ${folder} failed (${status}).`);
}

export function installPeers(): void {
  for (const folder of [PEERS, join(PEERS, 'mercurius')]) install(folder);
}
