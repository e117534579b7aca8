/** How much slower the unified view is for being written down: the same view with and without, by turns, in one run. */
import type { Report } from './kit/figures.ts';
import { benchOnce, onCounty } from './view.ts';

const MOST_TIMES = 1.15;
const ROUNDS = 3;
const PEOPLE = 2_000;
/** Clients, and how many times the views of one they have together. */
const CLIENTS = [
  { clients: 1, times: 1 },
  { clients: 8, times: 4 },
];

export const benchDisclosures = (
  { seed, views, keep }: { seed: number; views: number; keep: string | undefined },
  report: Report,
): Promise<void> =>
  onCounty({ size: PEOPLE, seed, keep, views }, async (county) => {
    for (const { clients, times } of CLIENTS) {
      const taken = { on: [] as number[], off: [] as number[] };
      for (let round = 0; round < ROUNDS; round++)
        for (const which of round % 2 === 0 ? (['on', 'off'] as const) : (['off', 'on'] as const)) {
          const circumstances = { ...county, clients, count: views * times, profile: undefined };
          taken[which].push((await benchOnce({ ...circumstances, isDisclosed: which === 'on' })).p50);
        }
      // What disturbs a machine only ever makes it slower: the fastest of each.
      const ratio = Math.min(...taken.on) / Math.min(...taken.off);
      report.check({
        name: `${clients} client(s): view with disclosures written over the same without`,
        value: ratio.toFixed(3),
        wanted: `at most ${MOST_TIMES}`,
        met: ratio <= MOST_TIMES,
      });
    }
  });
