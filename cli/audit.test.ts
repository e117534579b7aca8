import { expect, it } from 'vitest';
import { summaryOf } from './audit.ts';

const chain = {
  ...{ origin: 'county.example/audit', size: 9, root: 'ref_1', referrals: 2, events: 5, at: '2026-03-02T00:00:00Z' },
  ...{ complete: true, opened: 5, erased: 0, witnesses: [] },
};

it('says of a chain whose words are all in it nothing of any that are not', () => {
  expect(summaryOf(chain)).toMatch(/^OK: the chain of ref_1, complete .* 5 events unchanged; as of the checkpoint/);
});

it('does not say that words were erased which were only kept from whoever asked', () => {
  expect(summaryOf({ ...chain, opened: 3, erased: 2 })).toContain(
    'words of 2 events are not in it: erased, or not for whoever asked',
  );
});
