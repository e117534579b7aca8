import { expect, test } from 'vitest';
import { createReport } from './kit/figures.ts';
import { inLinkWorld, judgeLinks, measureLinks } from './links.ts';

test('In a small county nine of ten proposals are right, and eight of ten disputes that no reference joins are proposed', async () => {
  const report = createReport();
  await inLinkWorld({ people: 4_000, seed: 6 }, (world) => {
    judgeLinks('small county', world, report);
    // What would be joined without anybody having looked.
    expect(measureLinks(world).certainPrecision).toBeGreaterThan(0.97);
  });
  expect(report.finish()).toBe(true);
}, 60_000);
