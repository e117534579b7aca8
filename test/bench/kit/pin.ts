/** Programs on one core each: what is measured, and what measures it, do not take turns on one. */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';

/** Of the gateway, and of everything around it. */
export const CORES = { gateway: 0, around: 1 } as const;

/** Undefined: wherever the system puts it. */
export type Core = number | undefined;

let possible: boolean | undefined;

export function canPin(): boolean {
  possible ??= cpus().length > 1 && spawnSync('taskset', ['-c', '1', 'true']).status === 0;
  return possible;
}

/** How Node is started there: the command, and what stands before Node's own options. */
export const nodeOn = (core: Core): { readonly command: string; readonly before: readonly string[] } =>
  core !== undefined && canPin()
    ? { command: 'taskset', before: ['-c', String(core), process.execPath] }
    : { command: process.execPath, before: [] };
