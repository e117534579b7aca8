/** What the system tells of any process; null where it does not (only Linux does so in files). */
import { existsSync, readFileSync } from 'node:fs';

function read(pid: number, name: string): string | null {
  const file = `/proc/${pid}/${name}`;
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

/** A tick is 10 ms on every Linux there is. */
const TICK_MS = 10;

/** Of a process and its children, those that have ended too. */
export function cpuOfFamily(pid: number): number | null {
  const own = ticksOf(pid, 15);
  if (own === null) return null;
  const children = (read(pid, `task/${pid}/children`) ?? '').split(' ').filter((child) => child.length > 0);
  return children.reduce((sum, child) => sum + (ticksOf(Number(child), 13) ?? 0), own) * TICK_MS;
}

/** `until` 13: its own; 15: those of its ended children too. */
function ticksOf(pid: number, until: 13 | 15): number | null {
  const stat = read(pid, 'stat');
  if (stat === null) return null;
  const fields = stat.replace(/^.*\) /s, '').split(' ');
  return fields.slice(11, until).reduce((sum, ticks) => sum + Number(ticks), 0);
}

/** Bytes that it had in memory at most. */
export function peakOf(pid: number): number | null {
  const found = /^VmHWM:\s+(\d+) kB/m.exec(read(pid, 'status') ?? '')?.[1];
  return found === undefined ? null : Number(found) * 1024;
}
