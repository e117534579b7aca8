import { expect, test } from 'vitest';
import { shippedWeights } from '../../core/people/matcher.ts';
import { learnWeights } from '../../core/people/matching/learn.ts';
import { drawSample } from '../../core/people/matching/sample.ts';
import { createRandom } from '../../demo/county/random.ts';
import { inWorld, judge } from './identity.ts';
import { createReport } from './kit/figures.ts';

test('In a small county people are told apart and found again as well as the large ones have it; its own weights do as well', async () => {
  const report = createReport();
  await inWorld({ people: 2_000, seed: 6, noise: 1 }, (world) => {
    judge('as shipped', world, shippedWeights(), report);
    const random = createRandom(6, 7);
    const people = world.mentions.map(({ traits }) => traits);
    const sample = drawSample(people, { byLot: 200_000, each: 20_000 }, (below) => random.int(below));
    const learned = learnWeights(sample, shippedWeights());
    judge('as learned', world, learned, report);

    const { bits, names } = learned;
    expect(bits.birthDate.EQUAL).toBeGreaterThan(12);
    expect(bits.citizenId.DIFFERENT).toBeLessThan(-4);
    expect(bits.sex.DIFFERENT).toBeLessThan(-5);
    expect(bits.phone.AT_HOME).toBeLessThan(bits.phone.EQUAL - 5);
    expect(bits.name.SOUND).toBeGreaterThan(bits.name.PART);
    for (const field of Object.values(bits)) expect(field).toMatchObject({ MISSING: 0 });
    // Nobody can be found in it: what few have is as rare as the rarest.
    expect(Object.values(names.givenNames).every((share) => share * people.length >= 19)).toBe(true);
  });
  expect(report.finish()).toBe(true);
}, 60_000);
