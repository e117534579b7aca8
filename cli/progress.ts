import { MultiBar, Presets, type SingleBar } from 'cli-progress';

export interface Progress {
  /** `total` null: not known. */
  update(name: string, done: number, total: number | null): void;
  stop(): void;
}

/** Bars on a terminal; elsewhere nothing, so that a log is not filled with them. */
export function createProgress(): Progress {
  const bars = new Map<string, SingleBar>();
  const multi = process.stderr.isTTY
    ? new MultiBar(
        { format: '{name} {bar} {value}/{total}', stream: process.stderr, hideCursor: true },
        Presets.shades_classic,
      )
    : null;
  return {
    update(name, done, total) {
      if (!multi) return;
      const known = bars.get(name);
      const bar = known ?? multi.create(total ?? done, done, { name: name.padEnd(14) });
      bars.set(name, bar);
      bar.setTotal(Math.max(total ?? 0, done));
      bar.update(done, { name: name.padEnd(14) });
    },
    stop: () => multi?.stop(),
  };
}
