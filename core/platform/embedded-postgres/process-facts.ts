/** What can be learnt of another process, to tell ours from one that merely got the same number. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Fields of /proc/<pid>/stat from the third (state) on; the second, the name, may hold blanks and brackets. */
const statFields = (pid: number): string[] | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
};

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // A zombie answers too: in a container nobody may ever collect it.
  return statFields(pid)?.[0] !== 'Z';
}

/** An opaque text that differs between two processes that had the same number; null when there is no such process. */
export function processMark(pid: number): string | null {
  if (!isRunning(pid)) return null;
  if (process.platform === 'linux') return statFields(pid)?.[19] ?? null;
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout ? stdout.trim() : null;
}

/** Name of the program, as far as the system tells. */
export function programOf(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    const { stdout } = spawnSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' });
    return stdout ? stdout.trim() : null;
  }
}

/** When it started, in seconds since 1970, give or take two; null when the system does not tell. */
export function startedAt(pid: number): number | null {
  if (process.platform === 'linux') {
    const ticks = Number(statFields(pid)?.[19]);
    const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
    // A tick is 1/100 s on every Linux that runs Node.
    return Number.isFinite(ticks) ? Date.now() / 1000 - uptime + ticks / 100 : null;
  }
  const mark = processMark(pid);
  const at = mark === null ? NaN : Date.parse(mark);
  return Number.isFinite(at) ? at / 1000 : null;
}
