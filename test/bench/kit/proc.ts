/** What the system tells of any process; null where it does not (only Linux does so in files). */
import { existsSync, readFileSync } from 'node:fs';

function read(pid: number, name: string): string | null {
  const file = `/proc/${pid}/${name}`;
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

/** A tick is 10 ms on every Linux there is. */
const TICK_MS = 10;

/** Of a process and its children that have ended. */
export function cpuOfFamily(pid: number): number | null {
  const stat = read(pid, 'stat');
  if (stat === null) return null;
  const fields = stat.replace(/^.*\) /s, '').split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_MS;
}

/** Bytes that it had in memory at most. */
export function peakOf(pid: number): number | null {
  const found = /^VmHWM:\s+(\d+) kB/m.exec(read(pid, 'status') ?? '')?.[1];
  return found === undefined ? null : Number(found) * 1024;
}
