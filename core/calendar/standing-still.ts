/** The stretches in which a clock stands still. */
import { dayNumber } from './legal-day.ts';

export interface Pause {
  readonly from: Date;
  /** null: it stands still now. */
  readonly until: Date | null;
}

/** Milliseconds since 1970, `until` not included. */
export interface Stretch {
  readonly from: number;
  readonly until: number;
}

/** In order and apart from one another: where two pauses overlap the time is counted once. An open pause is taken as ending `now`. */
export function standingStill(pauses: readonly Pause[], now: Date): readonly Stretch[] {
  const stretches = pauses
    .map(({ from, until }) => ({ from: from.getTime(), until: (until ?? now).getTime() }))
    .filter(({ from, until }) => until > from)
    .sort((a, b) => a.from - b.from);
  const apart: Stretch[] = [];
  for (const stretch of stretches) {
    const last = apart.at(-1);
    if (last && stretch.from <= last.until) {
      apart[apart.length - 1] = { from: last.from, until: Math.max(last.until, stretch.until) };
    } else {
      apart.push(stretch);
    }
  }
  return apart;
}

/** Where a clock arrives that runs for `ms` from `start`. */
export function runFor(ms: number, start: Date, still: readonly Stretch[]): Date {
  const begin = start.getTime();
  let at = begin + ms;
  for (const { from, until } of still) {
    if (until <= begin) continue;
    if (from >= at) break;
    at += until - Math.max(from, begin);
  }
  return new Date(at);
}

/** How long the clock runs between the two, in milliseconds. */
export function runningTime(start: Date, end: Date, still: readonly Stretch[]): number {
  const [begin, finish] = [start.getTime(), end.getTime()];
  return still.reduce(
    (left, { from, until }) => left - Math.max(0, Math.min(until, finish) - Math.max(from, begin)),
    finish - begin,
  );
}

/** The day on which a clock stops still counts, the day on which it goes on does not: as with the day on which a period starts. */
export const dayTester = (still: readonly Stretch[]): ((day: number) => boolean) => {
  const ranges = still.map(({ from, until }) => ({
    after: dayNumber(new Date(from)),
    last: dayNumber(new Date(until)),
  }));
  return (day) => ranges.some(({ after, last }) => after < day && day <= last);
};
