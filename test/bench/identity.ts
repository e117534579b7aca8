/** How right it is who is who: pairs of records against the truth of made-up counties. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shippedWeights } from '../../core/people/matcher.ts';
import { learnWeights } from '../../core/people/matching/learn.ts';
import type { Resolution } from '../../core/people/matching/resolve.ts';
import { drawSample } from '../../core/people/matching/sample.ts';
import type { Weights } from '../../core/people/matching/weight.ts';
import { createRandom } from '../../demo/county/random.ts';
import { writeCounty } from '../../demo/county/write-county.ts';
import { createReport, say, seconds, whole, type Report } from './kit/figures.ts';
import { readIdentityWorld, type IdentityWorld } from './kit/identity-world.ts';
import { group, resolveWorld } from './kit/resolve-world.ts';

export interface IdentityBench {
  readonly people: number;
  readonly seeds: readonly number[];
}

const LEAST_PRECISION = 0.9995;
const LEAST_RECALL_REVIEWED = 0.985;
const LEAST_RECALL = 0.96;
const MOST_REVIEWS = 0.015;
const SAMPLE = { byLot: 1_000_000, each: 200_000 };

type Parts = readonly (readonly string[])[];

interface Quality {
  readonly precision: number;
  readonly recall: number;
  readonly twoNumbers: number;
  /** Persons in whom a victim is one with somebody of the same household. */
  readonly victimsJoined: number;
}

const pairsOf = (count: number): number => (count * (count - 1)) / 2;

function measure(parts: Parts, world: IdentityWorld): Quality {
  const numbers = new Map(world.mentions.map(({ id, traits }) => [id, traits.citizenId]));
  let [right, all, twoNumbers, victimsJoined] = [0, 0, 0, 0];
  for (const part of parts) {
    const who = new Map<number, number>();
    for (const id of part) who.set(world.personOf(id), (who.get(world.personOf(id)) ?? 0) + 1);
    all += pairsOf(part.length);
    for (const count of who.values()) right += pairsOf(count);
    const valid = part.flatMap((id) => {
      const number = numbers.get(id);
      return number?.valid ? [number.text] : [];
    });
    if (new Set(valid).size > 1) twoNumbers += 1;
    const homes = [...who.keys()].map((person) => world.householdOf(person));
    if (new Set(homes).size < homes.length && part.some((id) => world.victims.has(id))) victimsJoined += 1;
  }
  const truth = new Map<number, number>();
  for (const { id } of world.mentions) truth.set(world.personOf(id), (truth.get(world.personOf(id)) ?? 0) + 1);
  const real = [...truth.values()].reduce((sum, count) => sum + pairsOf(count), 0);
  return { precision: all === 0 ? 1 : right / all, recall: real === 0 ? 1 : right / real, twoNumbers, victimsJoined };
}

/** Everybody answers rightly what they are asked. */
function withReviews({ parts, reviews }: Pick<Resolution, 'parts' | 'reviews'>, world: IdentityWorld): Parts {
  const ids = parts.flat();
  const joined = parts.flatMap(([first = '', ...others]) => others.map((other) => ({ a: first, b: other })));
  return group(ids, [...joined, ...reviews.filter(({ a, b }) => world.personOf(a) === world.personOf(b))]);
}

function exactOnly(world: IdentityWorld): Parts {
  const first = new Map<string, string>();
  const pairs = world.mentions.flatMap(({ id, traits: { citizenId, name, statedBirth } }) => {
    if (!citizenId?.valid) return [];
    const keys = [`${citizenId.text}/${name.characters.join('')}`];
    if (statedBirth) keys.push(`${citizenId.text}/${statedBirth.year}-${statedBirth.month}-${statedBirth.day}`);
    return keys.flatMap((key) => {
      const other = first.get(key);
      if (other === undefined) first.set(key, id);
      return other === undefined ? [] : [{ a: other, b: id }];
    });
  });
  return group(
    world.mentions.map(({ id }) => id),
    pairs,
  );
}

const figures = ({ precision, recall }: Quality): string =>
  `precision ${precision.toFixed(5)}, recall ${recall.toFixed(4)}`;

export function judge(name: string, world: IdentityWorld, weights: Weights, report: Report | null): void {
  const began = performance.now();
  const resolution = resolveWorld(world, weights);
  const [automatic, reviewed] = [measure(resolution.parts, world), measure(withReviews(resolution, world), world)];
  const share = resolution.reviews.length / world.records;
  say(
    `  ${name}: automatic ${figures(automatic)}; with reviews ${figures(reviewed)}; ` +
      `${whole(resolution.reviews.length)} reviews, ${(share * 100).toFixed(2)} % of records; ${seconds(performance.now() - began)}`,
  );
  if (report === null) return;
  const check = (what: string, value: string, wanted: string, met: boolean): void =>
    report.check({ name: `${name}: ${what}`, value, wanted, met });
  check(
    'precision',
    automatic.precision.toFixed(5),
    `at least ${LEAST_PRECISION}`,
    automatic.precision >= LEAST_PRECISION,
  );
  check('recall, automatic', automatic.recall.toFixed(4), `at least ${LEAST_RECALL}`, automatic.recall >= LEAST_RECALL);
  check(
    'with what review would settle',
    figures(reviewed),
    `at least ${LEAST_PRECISION} and ${LEAST_RECALL_REVIEWED}`,
    reviewed.precision >= LEAST_PRECISION && reviewed.recall >= LEAST_RECALL_REVIEWED,
  );
  check('reviews, of records', share.toFixed(4), `at most ${MOST_REVIEWS}`, share <= MOST_REVIEWS);
  check('persons with two valid numbers', whole(automatic.twoNumbers), '0', automatic.twoNumbers === 0);
  check('victims joined with their household', whole(automatic.victimsJoined), '0', automatic.victimsJoined === 0);
}

export async function inWorld(
  { people, seed, noise }: { readonly people: number; readonly seed: number; readonly noise: number },
  run: (world: IdentityWorld) => void,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'maplebridge-bench-'));
  try {
    await writeCounty({ people, seed, noise, dir });
    const world = await readIdentityWorld(dir);
    say(
      `County of ${whole(people)} people (seed ${seed}, ${noise === 1 ? 'the noise of the design' : `${noise} times the noise`}): ` +
        `${whole(world.records)} records, ${whole(world.mentions.length)} person-records`,
    );
    run(world);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const learned = ({ mentions }: IdentityWorld, seed: number): Weights => {
  const random = createRandom(seed, 7);
  const sample = drawSample(
    mentions.map(({ traits }) => traits),
    SAMPLE,
    (below) => random.int(below),
  );
  return learnWeights(sample, shippedWeights());
};

/** True when every target is met. */
export async function benchIdentity({ people, seeds }: IdentityBench): Promise<boolean> {
  const report = createReport();
  for (const seed of seeds)
    await inWorld({ people, seed, noise: 1 }, (world) => {
      say(`  exact rule only: ${figures(measure(exactOnly(world), world))}`);
      judge(`seed ${seed}, weights as shipped`, world, shippedWeights(), report);
      judge(`seed ${seed}, weights learned here`, world, learned(world, seed), report);
    });
  await inWorld({ people, seed: seeds[0] ?? 1, noise: 2 }, (world) => {
    say(`  exact rule only: ${figures(measure(exactOnly(world), world))}`);
    judge('no target, weights as shipped', world, shippedWeights(), null);
    judge('no target, weights learned here', world, learned(world, seeds[0] ?? 1), null);
  });
  return report.finish();
}
