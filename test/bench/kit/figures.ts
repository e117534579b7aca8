import { existsSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';

const MIB = 1024 * 1024;

/** By rank; 0 ≤ share ≤ 1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
  if (value === undefined) throw new Error('Nothing was measured.');
  return value;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

export const whole = (value: number): string => Math.round(value).toLocaleString('en');
export const mebibytes = (bytes: number): string => `${whole(bytes / MIB)} MB`;
export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
export const milliseconds = (ms: number): string => `${ms.toFixed(1)} ms`;
/** A figure says little without it: others may be at work on the same machine. */
export const load = (): string => `load ${loadavg()[0]?.toFixed(1) ?? '?'}`;

/** Ticks of all processors together, and those that a virtual machine was not given although it wanted them. */
function ticks(): { readonly all: number; readonly stolen: number } {
  if (!existsSync('/proc/stat')) return { all: 0, stolen: 0 };
  const [, ...columns] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(/\s+/);
  const counts = columns.slice(0, 8).map(Number);
  return { all: counts.reduce((sum, count) => sum + count, 0), stolen: counts[7] ?? 0 };
}

/** Call it before, and what it gives after: the share of the processors that the machine's host took meanwhile, 0 to 1. */
export function watchHost(): () => number {
  const before = ticks();
  return () => {
    const after = ticks();
    return (after.stolen - before.stolen) / Math.max(1, after.all - before.all);
  };
}

export const takenByHost = (share: number): string =>
  `${(100 * share).toFixed(0)} % of the processors taken by the host`;

export const say = (line: string): void => void process.stdout.write(`${line}\n`);

export interface Target {
  readonly name: string;
  readonly value: string;
  readonly wanted: string;
  readonly met: boolean;
}

export interface Report {
  check(target: Target): void;
  /** True when every target is met. */
  finish(): boolean;
}

export function createReport(): Report {
  const targets: Target[] = [];
  return {
    check(target) {
      targets.push(target);
      say(`  ${target.met ? 'ok  ' : 'MISS'} ${target.name}: ${target.value} (${target.wanted})`);
    },
    finish() {
      const missed = targets.filter(({ met }) => !met);
      say(missed.length === 0 ? 'Every target is met.' : `Missed: ${missed.map(({ name }) => name).join('; ')}`);
      return missed.length === 0;
    },
  };
}
