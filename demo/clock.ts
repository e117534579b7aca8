/** The demo's business clock: the real time and what it has been advanced by, which all processes of one folder share. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { systemClock, type Clock } from '../core/platform/clock.ts';

const Advanced = z.object({ aheadMs: z.int().nonnegative() });

/** A clock asked a thousand times a second need not read a file as often. */
const REMEMBERED_MS = 100;

function readAhead(file: string): number {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
  return Advanced.parse(JSON.parse(text)).aheadMs;
}

export function createDemoClock(file: string): Clock {
  let ahead = 0;
  let readAt = Number.NEGATIVE_INFINITY;
  return {
    wall: () => systemClock.wall(),
    business() {
      const wall = systemClock.wall().getTime();
      if (Math.abs(wall - readAt) > REMEMBERED_MS) {
        ahead = readAhead(file);
        readAt = wall;
      }
      return new Date(wall + ahead);
    },
  };
}

/** Running processes follow within a tenth of a second. Only forward: a deadline that has passed does not come back. Returns the business time. */
export function advanceDemoClock(file: string, byMs: number): Date {
  const aheadMs = readAhead(file) + byMs;
  mkdirSync(dirname(file), { recursive: true });
  // Written beside and renamed: whoever reads at this moment reads the old one or the new one.
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, JSON.stringify({ aheadMs }));
  renameSync(fresh, file);
  return new Date(systemClock.wall().getTime() + aheadMs);
}
