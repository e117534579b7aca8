/** How right it is which records tell of one dispute, where no cross-reference says so: against the truth of made-up counties. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { betweenDisputes, chooseJoins, chooseLinks, type CandidateLink } from '../../core/disputes/candidate-link.ts';
import { defaultSelfJoining } from '../../core/platform/county-config.ts';
import { shippedLinkRule } from '../../core/disputes/link-rule.ts';
import { writeCounty } from '../../demo/county/write-county.ts';
import { createReport, say, seconds, whole, type Report } from './kit/figures.ts';
import { pairsOf, readLinkWorld, type LinkWorld } from './kit/link-world.ts';

export interface LinksBench {
  readonly people: number;
  readonly seeds: readonly number[];
}

const LEAST_PRECISION = 0.9;
const LEAST_RECALL = 0.8;

interface Quality {
  readonly proposed: number;
  readonly precision: number;
  /** Of the links that no reference tells of, also those that nobody could decide upon. */
  readonly recall: number;
  /** Of them, those that join by themselves where the county says nothing else. */
  readonly certain: number;
  readonly certainPrecision: number;
}

const share = (part: number, of: number): number => (of === 0 ? 1 : part / of);

export function measureLinks(world: LinkWorld): Quality {
  const { truthOf, disputeOf, unnamed } = world;
  const rule = shippedLinkRule();
  const links = chooseLinks(pairsOf(world, rule.mostRecords), rule);
  const isRight = ({ record, beside }: CandidateLink): boolean => truthOf.get(record.id) === truthOf.get(beside.id);
  const proposals = [...links.values()];
  const certain = chooseJoins(proposals, defaultSelfJoining, rule);
  // Those that references join all the same, by another record of the dispute, are none.
  const wanted = unnamed.flatMap(({ from, to }) => {
    const [a, b] = [disputeOf.get(from) ?? '', disputeOf.get(to) ?? ''];
    return a === b ? [] : [betweenDisputes(a, b)];
  });
  return {
    proposed: proposals.length,
    precision: share(proposals.filter(isRight).length, proposals.length),
    recall: share(wanted.filter((key) => links.has(key)).length, wanted.length),
    certain: certain.length,
    certainPrecision: share(certain.filter(isRight).length, certain.length),
  };
}

export async function inLinkWorld(
  { people, seed }: { readonly people: number; readonly seed: number },
  run: (world: LinkWorld) => void,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'maplebridge-bench-'));
  try {
    await writeCounty({ people, seed, dir });
    run(await readLinkWorld(dir));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

export function judgeLinks(name: string, world: LinkWorld, report: Report): void {
  const began = performance.now();
  const { proposed, precision, recall, certain, certainPrecision } = measureLinks(world);
  say(
    `  ${name}: ${whole(proposed)} proposals, precision ${precision.toFixed(4)}, recall ${recall.toFixed(4)} of ${whole(world.unnamed.length)}; ` +
      `${whole(certain)} join by themselves, precision ${certainPrecision.toFixed(4)}; ${seconds(performance.now() - began)}`,
  );
  const check = (what: string, value: number, least: number): void =>
    report.check({
      ...{ name: `${name}: ${what}`, value: value.toFixed(4), wanted: `at least ${least}` },
      met: value >= least,
    });
  check('precision of proposals', precision, LEAST_PRECISION);
  check('recall of links without a reference', recall, LEAST_RECALL);
}

/** True when every target is met. */
export async function benchLinks({ people, seeds }: LinksBench): Promise<boolean> {
  const report = createReport();
  for (const seed of seeds)
    await inLinkWorld({ people, seed }, (world) => {
      say(`County of ${whole(people)} people (seed ${seed}): ${whole(world.matters.length)} records of disputes`);
      judgeLinks(`seed ${seed}`, world, report);
    });
  return report.finish();
}
