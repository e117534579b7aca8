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
