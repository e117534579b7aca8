/** Loaded into a program of ours before it starts (`--import`): on SIGUSR2 it collects its garbage and tells its parent what is left. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Left {
  readonly residentBytes: number;
  readonly heapBytes: number;
}

const SETTLED_MS = 500;

async function collect(): Promise<void> {
  // Twice: what the first leaves to finalizers, the second takes; pages are given back in between.
  for (let round = 0; round < 2; round++) {
    globalThis.gc?.();
    await delay(SETTLED_MS);
  }
  const { rss, heapUsed } = process.memoryUsage();
  const left: Left = { residentBytes: rss, heapBytes: heapUsed };
  process.send?.(left);
}

process.on('SIGUSR2', () => void collect());
